import { readFile } from 'node:fs/promises';

/** A file's bytes; null where there is no such file. Whatever else keeps it from being read is thrown. */
export async function readIfThere(file: string): Promise<Buffer | null> {
  return readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
}
