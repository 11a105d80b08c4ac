import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InputError } from '#contracts';
import { listSome } from './list-some.js';
import type { Sample } from './sample.js';

/** What operating systems leave in folders; anything else that is no picture is an error. */
const LITTER = new Set(['Thumbs.db', 'desktop.ini']);

/**
 * One folder per class directly under `dir`, pictures at any depth inside. The folder's name is the label.
 * @throws InputError DATA_EMPTY when there is no class folder, or one of them is empty
 */
export async function readFolders(dir: string): Promise<Sample[]> {
  const classes = (await readdir(dir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
  if (classes.length === 0) {
    throw new InputError(
      'DATA_EMPTY',
      `${dir} holds no class folders. Expected one folder per class (good, defect, …), or a CSV path,label.`,
    );
  }
  const perClass = await Promise.all(classes.map((label) => readClass(dir, label)));
  const empty = classes.filter((_, i) => perClass[i]?.length === 0);
  if (empty.length > 0) {
    throw new InputError(
      'DATA_EMPTY',
      `Class folder without pictures in ${dir}: ${listSome(empty)}. Add pictures or remove the folder.`,
    );
  }
  return perClass.flat();
}

async function readClass(dir: string, label: string): Promise<Sample[]> {
  const entries = await readdir(join(dir, label), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && !LITTER.has(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(dir, file).split(sep).join('/');
      return { path, file, label, split: null, group: null, lot: null, part: null };
    });
}
