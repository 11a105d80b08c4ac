import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InputError } from '#contracts';
import { listSome } from './list-some.js';
import type { Sample, Subset } from './sample.js';
import { sideNamed } from './sides.js';

/** What operating systems leave in folders; anything else that is no picture is an error. */
const LITTER = new Set(['Thumbs.db', 'desktop.ini']);

/**
 * One folder per class directly under `dir`, pictures at any depth inside: the folder's name is the label. Or the sides
 * `train`, `test` and perhaps `val`, each with its folders per class, as public data sets have them.
 * @throws InputError DATA_EMPTY when there is no class folder, or one of them is empty; DATA_LAYOUT when sides and other
 *   folders lie beside each other
 */
export async function readFolders(dir: string): Promise<Sample[]> {
  const folders = await foldersIn(dir);
  const isSplit = folders.some((name) => sideNamed(name) === 'train');
  if (!isSplit) return readClasses(folders, { dir, at: dir, split: null });
  const others = folders.filter((name) => sideNamed(name) === null);
  if (others.length > 0) {
    throw new InputError(
      'DATA_LAYOUT',
      `${dir} holds ${listSome(others)} beside the sides of a split. Expected one folder per class, or train, test and perhaps val alone, each with one folder per class inside. Move away what is no side, or name the CSV that labels the pictures: --split FILE.`,
    );
  }
  const sides = folders.map(async (name) => {
    const at = join(dir, name);
    return readClasses(await foldersIn(at), { dir, at, split: sideNamed(name) });
  });
  return (await Promise.all(sides)).flat();
}

interface Place {
  /** The data set's directory: pictures are named from here. */
  readonly dir: string;
  /** Where the class folders lie. */
  readonly at: string;
  readonly split: Subset | null;
}

async function readClasses(classes: readonly string[], place: Place): Promise<Sample[]> {
  if (classes.length === 0) {
    throw new InputError(
      'DATA_EMPTY',
      `${place.at} holds no class folders. Expected one folder per class (good, defect, …), or a CSV path,label.`,
    );
  }
  const perClass = await Promise.all(classes.map((label) => readClass(label, place)));
  const empty = classes.filter((_, i) => perClass[i]?.length === 0);
  if (empty.length > 0) {
    throw new InputError(
      'DATA_EMPTY',
      `Class folder without pictures in ${place.at}: ${listSome(empty)}. Add pictures or remove the folder.`,
    );
  }
  return perClass.flat();
}

async function readClass(label: string, { dir, at, split }: Place): Promise<Sample[]> {
  const entries = await readdir(join(at, label), { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && !LITTER.has(entry.name))
    .map((entry) => {
      const file = join(entry.parentPath, entry.name);
      const path = relative(dir, file).split(sep).join('/');
      return { path, file, label, split, group: null, lot: null, part: null };
    });
}

async function foldersIn(dir: string): Promise<string[]> {
  return (await readdir(dir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map((entry) => entry.name);
}
