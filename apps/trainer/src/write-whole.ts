import { rename, rm, writeFile } from 'node:fs/promises';

/** Write a file so that a reader, a crash or a full disk never sees half of it: beside it, flushed, then renamed. */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const part = `${file}.part`;
  try {
    await writeFile(part, content, { flush: true });
    await rename(part, file);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}
