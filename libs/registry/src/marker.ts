import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { DependencyError, InputError, messageOf, systemCodeOf } from '#contracts';
import { storageError, writeOnce } from './durable.js';

/** What makes a directory a registry, written once when it is created. */
const Marker = z.strictObject({ schema: z.literal('lineside.registry/1'), demo: z.boolean() });
const MARKER_FILE = 'registry.json';

/** Folders of a registry; `unfinished` holds what is being written. */
export const FOLDERS = { models: 'models', activations: 'activations', unfinished: 'unfinished' } as const;

/**
 * Make a registry in an empty directory; one that is there stays as it is.
 * @throws InputError REGISTRY_INVALID when the directory holds something else; DependencyError DISK_FULL | REGISTRY_STORAGE
 */
export async function createMarker(dir: string, demo: boolean): Promise<void> {
  try {
    await mkdir(dir, { recursive: true });
    const others = (await readdir(dir)).filter((name) => !Object.values<string>(FOLDERS).includes(name));
    if (others.includes(MARKER_FILE)) return;
    if (others.length > 0) {
      throw new InputError(
        'REGISTRY_INVALID',
        `No registry can be made in ${dir}: expected an empty directory, found ${others.slice(0, 5).join(', ')}. Use another directory.`,
      );
    }
    for (const folder of Object.values(FOLDERS)) await mkdir(join(dir, folder), { recursive: true });
    const marker = `${JSON.stringify({ schema: 'lineside.registry/1', demo })}\n`;
    // The marker comes last: a directory without it is no registry yet. Somebody else may have been faster.
    await writeOnce(join(dir, MARKER_FILE), marker, join(dir, FOLDERS.unfinished));
  } catch (error) {
    throw storageError(error, `creating registry ${dir}`);
  }
}

/** @throws DependencyError REGISTRY_MISSING | REGISTRY_STORAGE (it cannot be read), InputError REGISTRY_INVALID */
export async function readMarker(dir: string): Promise<z.infer<typeof Marker>> {
  const file = join(dir, MARKER_FILE);
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    if (systemCodeOf(cause) !== 'ENOENT' && systemCodeOf(cause) !== 'ENOTDIR')
      throw storageError(cause, `reading ${file}`);
    throw new DependencyError(
      'REGISTRY_MISSING',
      `No registry in ${dir}: ${MARKER_FILE} is not there. Train and promote a model first, or correct the directory.`,
      { cause },
    );
  });
  try {
    return Marker.parse(JSON.parse(text));
  } catch (cause) {
    throw new InputError(
      'REGISTRY_INVALID',
      `${file} is not a registry's: ${messageOf(cause)}. Restore it from a backup (docs/backup.md), or correct the directory.`,
      { cause },
    );
  }
}
