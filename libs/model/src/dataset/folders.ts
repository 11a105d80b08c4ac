import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { InputError } from '#contracts';
import { counted } from '../counted.js';
import { inParallel } from './in-parallel.js';
import { listSome } from './list-some.js';
import { refuseMasks } from './masks.js';
import { compareNames, type Sample, type Subset } from './sample.js';
import { sideNamed } from './sides.js';

/** What operating systems and their archives leave in folders, in whatever capitals; anything else that is no picture is an error. */
const LITTER = new Set(['thumbs.db', 'ehthumbs.db', 'desktop.ini', '__macosx']);
/** Beside sides: the masks of MVTec AD's layout, which many data sets have. */
const MASKS = 'ground_truth';
/** What a person takes for a picture: beside class folders other files, as notes, may lie. */
const PICTURE = /\.(jpe?g|png|bmp|tiff?|webp|gif)$/i;

/**
 * One folder per class directly under `dir`, pictures at any depth inside: the folder's name is the label. Or the sides
 * `train`, `test` and `val`, or some of them, each with its folders per class, as public data sets have them. Links are followed.
 * @throws InputError DATA_EMPTY when there is no class folder, or one of them is empty; DATA_LAYOUT when sides and other
 *   folders, or pictures and class folders, lie beside each other, masks or annotations among pictures, or a link leads back
 *   to a folder it lies in; DATA_MISSING when a link leads nowhere
 */
export async function readFolders(dir: string): Promise<Sample[]> {
  const samples = await readAll(dir);
  const paths = samples.map(({ path }) => path);
  refuseMasks(paths.sort(compareNames), dir);
  return samples;
}

async function readAll(dir: string): Promise<Sample[]> {
  const { folders: found, files } = await entriesIn(dir);
  const folders = found.some((name) => sideNamed(name) !== null) ? found.filter((name) => name !== MASKS) : found;
  const sides = folders.map(sideNamed);
  // Without train there is something to judge; `test` beside other names may be a class.
  const isSplit = sides.includes('train') || (sides.length > 0 && !sides.includes(null));
  if (!isSplit) return readClasses({ dir, at: dir, split: null });
  const others = folders.filter((name) => sideNamed(name) === null);
  if (others.length > 0) {
    throw new InputError(
      'DATA_LAYOUT',
      `${dir} holds ${listSome(others)} beside the sides of a split. Expected one folder per class, or train, test and perhaps val alone, each with one folder per class inside. Move away what is no side, rename a folder that is a class all the same, or name the CSV that labels the pictures: --split FILE.`,
    );
  }
  refuseLoose(files, { at: dir, beside: 'the sides of a split' });
  const read = folders.map((name) => readClasses({ dir, at: join(dir, name), split: sideNamed(name) }));
  return (await Promise.all(read)).flat();
}

interface Place {
  /** The data set's directory: pictures are named from here. */
  readonly dir: string;
  /** Where the class folders lie. */
  readonly at: string;
  readonly split: Subset | null;
}

async function readClasses(place: Place): Promise<Sample[]> {
  const { at } = place;
  const { folders: classes, files } = await entriesIn(at);
  if (classes.length === 0) {
    const pictures = files.filter((name) => PICTURE.test(name)).length;
    const loose = pictures === 0 ? '' : `, and ${counted(pictures, 'picture')} of which no class is known`;
    throw new InputError(
      'DATA_EMPTY',
      `${at} holds no class folders${loose}. Expected one folder per class (good, defect, …), or a CSV path,label. Boxes and masks, as COCO, YOLO or VOC have them, are not read.`,
    );
  }
  refuseLoose(files, { at, beside: 'its class folders' });
  const root = await realpath(at);
  const perClass = await Promise.all(classes.map((label) => readClass(label, place, root)));
  const empty = classes.filter((_, i) => perClass[i]?.length === 0);
  if (empty.length > 0) {
    throw new InputError(
      'DATA_EMPTY',
      `Class folder without pictures in ${at}: ${listSome(empty)}. Add pictures or remove the folder.`,
    );
  }
  return perClass.flat();
}

/** A picture without a class is a mistake, and leaving it out would hide it. */
function refuseLoose(files: readonly string[], { at, beside }: { at: string; beside: string }): void {
  const loose = files.filter((name) => PICTURE.test(name));
  if (loose.length === 0) return;
  throw new InputError(
    'DATA_LAYOUT',
    `${at} holds ${loose.length} pictures beside ${beside}, of which no class is known: ${listSome(loose)}. Move each into the folder of its class or out of the data, or name the CSV that labels the pictures: --split FILE.`,
  );
}

async function readClass(label: string, { dir, at, split }: Place, root: string): Promise<Sample[]> {
  const files = await filesUnder(join(at, label), [root]);
  return files.map((file) => {
    const path = relative(dir, file).split(sep).join('/');
    return { path, file, label, split, group: null, lot: null, part: null };
  });
}

/** @param around real paths of the folders that it lies in */
async function filesUnder(dir: string, around: readonly string[]): Promise<string[]> {
  const real = await realpath(dir);
  if (around.includes(real)) {
    throw new InputError(
      'DATA_LAYOUT',
      `${dir} is a link back to ${real}, a folder it lies in: its pictures have no end. Remove the link.`,
    );
  }
  const { folders, files } = await entriesIn(dir);
  const deeper = await Promise.all(folders.map((name) => filesUnder(join(dir, name), [...around, real])));
  return [...files.map((name) => join(dir, name)), ...deeper.flat()];
}

/** Names of what lies in a folder, a link for what it leads to; without hidden entries and litter. */
async function entriesIn(dir: string): Promise<{ folders: string[]; files: string[] }> {
  const entries = (await readdir(dir, { withFileTypes: true })).filter(
    ({ name }) => !name.startsWith('.') && !LITTER.has(name.toLowerCase()),
  );
  const broken: string[] = [];
  const areFolders = await inParallel(entries, async (entry) => {
    if (!entry.isSymbolicLink()) return entry.isDirectory();
    const found = await stat(join(dir, entry.name)).catch(() => null);
    if (found === null) broken.push(entry.name);
    return found?.isDirectory() ?? false;
  });
  if (broken.length > 0) {
    throw new InputError(
      'DATA_MISSING',
      `Links in ${dir} lead to nothing that can be read: ${listSome(broken.sort())}. Connect the drive they lead to, or remove them.`,
    );
  }
  const named = (isFolder: boolean) => entries.filter((_, i) => areFolders[i] === isFolder).map(({ name }) => name);
  return { folders: named(true), files: named(false) };
}
