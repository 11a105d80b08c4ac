import { statfs } from 'node:fs/promises';

/** What the disk of a folder has left for this user, bytes. @throws what the file system says */
export async function freeBytes(dir: string): Promise<number> {
  const { bavail, bsize } = await statfs(dir);
  return bavail * bsize;
}
