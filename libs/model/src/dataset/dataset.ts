import { stat } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { InputError } from '#contracts';
import { readFolders } from './folders.js';
import { readsAsGood } from './good-names.js';
import { listSome } from './list-some.js';
import { compareNames, type Dataset, GOOD, groupOf, type Sample, type Subset } from './sample.js';
import { readTable } from './table.js';

export interface ReadOptions {
  /** A directory holding one folder per class, or these in `train` and `test`, or pictures a CSV names; or the CSV itself. */
  readonly dir: string;
  /** CSV `path,label[,split,group,lot,part,…]`, paths relative to `dir`. Without it `split.csv` in `dir` is taken if there. */
  readonly split?: string | undefined;
  /** Names of the good class in the data; default `good`. */
  readonly good?: readonly string[] | undefined;
  /**
   * Column that tells which pictures belong together, or several joined as in `lot+day`; `day` comes from a column with the
   * time, `path` = every picture stands alone. Default `group`.
   */
  readonly groupColumn?: string | undefined;
  /** Column whose shares each side should keep, beside the labels'. */
  readonly stratifyColumn?: string | undefined;
  /** Good pictures alone will do; default false. */
  readonly isOneClass?: boolean | undefined;
  /** Labels of the model that is to judge the pictures: good ones alone will do then, and defects alone that it knows. */
  readonly judgedBy?: readonly string[] | undefined;
}

/**
 * Read labelled pictures: names, classes, split and groups. Pictures themselves are not opened (see `verifyPictures`).
 * @throws InputError DATA_MISSING, DATA_EMPTY, DATA_LAYOUT, ONE_CLASS, DUPLICATE_PATH, LABEL_UNKNOWN, LABEL_ALIKE,
 *   GROUP_OVERLAP, CSV_INVALID
 */
export async function readDataset(options: ReadOptions): Promise<Dataset> {
  const { dir, table } = await findTable(options);
  const found = table === null ? await readClasses(dir, options) : await readTable({ ...options, dir, csv: table });
  if (found.length === 0) {
    throw new InputError(
      'DATA_EMPTY',
      `${table ?? dir} names no picture. Expected labelled pictures of good parts and of defects.`,
    );
  }
  const { good = [GOOD], judgedBy, isOneClass = judgedBy !== undefined } = options;
  const known = (judgedBy ?? []).filter((label) => label !== GOOD);
  const samples = nameGood(found, good, { dir, isOneClass, known }).sort((a, b) => compareNames(a.path, b.path));
  refuseAlike(samples, dir);
  const labels = [GOOD, ...[...new Set(samples.map((s) => s.label))].filter((l) => l !== GOOD).sort(compareNames)];
  refuseOverlap(samples);
  return { dir, good: GOOD, labels, samples };
}

/**
 * Whether the folders that lie in the data say the classes: no CSV does.
 * @throws InputError DATA_MISSING
 */
export async function isReadByFolders(options: Pick<ReadOptions, 'dir' | 'split'>): Promise<boolean> {
  return (await findTable(options)).table === null;
}

/** Folders say the class and nothing else. */
async function readClasses(dir: string, { groupColumn, stratifyColumn }: ReadOptions): Promise<Sample[]> {
  const asked = [groupColumn, stratifyColumn].filter((column) => column !== undefined && column !== 'path');
  if (asked.length === 0) return readFolders(dir);
  throw new InputError(
    'CSV_INVALID',
    `Column ${asked.join(', ')} is asked for, but ${dir} holds folders per class and no CSV with columns. Write a CSV path,label,${asked.join(',')} and name it: --split FILE.`,
  );
}

async function findTable({
  dir,
  split,
}: Pick<ReadOptions, 'dir' | 'split'>): Promise<{ dir: string; table: string | null }> {
  const kind = await kindOf(dir);
  if (kind === 'file' && extname(dir).toLowerCase() === '.csv') return { dir: dirname(dir), table: split ?? dir };
  if (kind !== 'directory') {
    const got = kind === 'file' ? 'it is a file' : 'it is not there';
    throw new InputError(
      'DATA_MISSING',
      `Data directory ${dir} cannot be read: ${got}. Expected a directory with one folder per class, or a CSV path,label.`,
    );
  }
  if (split !== undefined) return { dir, table: split };
  const own = join(dir, 'split.csv');
  return { dir, table: (await kindOf(own)) === 'file' ? own : null };
}

async function kindOf(path: string): Promise<'file' | 'directory' | null> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new InputError(
      'DATA_MISSING',
      `${path} cannot be read: ${error.message}. Check its permissions and those of the folders above it.`,
      { cause: error },
    );
  });
  if (found === null) return null;
  return found.isDirectory() ? 'directory' : 'file';
}

function nameGood(
  samples: readonly Sample[],
  good: readonly string[],
  { dir, isOneClass, known }: { dir: string; isOneClass: boolean; known: readonly string[] },
): Sample[] {
  const names = [...new Set(samples.map((s) => s.label))].sort(compareNames);
  if (names.every((name) => known.includes(name) && !good.includes(name))) return [...samples];
  const isGoodOnly = names.every((name) => good.includes(name));
  if (isOneClass && isGoodOnly) return samples.map((sample) => ({ ...sample, label: GOOD }));
  if (names.length < 2 && !isOneClass) {
    throw new InputError(
      'ONE_CLASS',
      `${dir} holds one class only (${names.join()}). A classifier needs pictures of good parts and of at least one defect: add the missing folder or rows, or name the CSV that labels the pictures: --split FILE. With good pictures alone a one-class model can be trained: --set mode=one-class.`,
    );
  }
  if (!names.some((name) => good.includes(name))) {
    throw new InputError(
      'LABEL_UNKNOWN',
      `No class of ${dir} is called ${good.join(' or ')}: found ${listSome(names)}. ${adviseGood(names)}${adviseDefects(known)}`,
    );
  }
  if (isGoodOnly) {
    throw new InputError(
      'ONE_CLASS',
      `Every class of ${dir} (${listSome(names)}) counts as good. Expected a defect class, or --set mode=one-class.`,
    );
  }
  if (names.includes(GOOD) && !good.includes(GOOD)) {
    throw new InputError(
      'LABEL_UNKNOWN',
      `${dir} has a class "${GOOD}", yet the good class is said to be ${good.join(' or ')}. Rename the folder, or list both as good.`,
    );
  }
  return samples.map((sample) => (good.includes(sample.label) ? { ...sample, label: GOOD } : sample));
}

function adviseGood(names: readonly string[]): string {
  if (names.length === 1) return `Say which class is the good one: --good ${names[0]}.`;
  const [likely, another] = names.filter(readsAsGood);
  if (likely !== undefined && another === undefined)
    return `Say which class is the good one: --good ${JSON.stringify(likely)}, as its name reads.`;
  return 'Say which class is the good one: --good NAME. Where all are kinds of defect, add pictures of good parts: without them nothing tells what may pass. Where something else tells good from defective, name the CSV that says it: --split FILE.';
}

function adviseDefects(known: readonly string[]): string {
  if (known.length === 0) return '';
  return ` Defects alone are judged where all have names that the model knows: ${listSome(known)}.`;
}

/** Two classes that a person reads as one are a slip: the network would be taught to tell them apart, `Good` as a defect. */
function refuseAlike(samples: readonly Sample[], dir: string): void {
  const spellings = new Map<string, Set<string>>();
  for (const { label } of samples) {
    const word = label.trim().normalize('NFC').toLowerCase();
    spellings.set(word, (spellings.get(word) ?? new Set()).add(label));
  }
  const alike = [...spellings.values()].filter((labels) => labels.size > 1);
  if (alike.length === 0) return;
  const named = alike.map((labels) =>
    [...labels]
      .sort(compareNames)
      .map((label) => JSON.stringify(label))
      .join(' and '),
  );
  throw new InputError(
    'LABEL_ALIKE',
    `Classes of ${dir} differ in capitals, outer spaces or the encoding of an accent alone: ${listSome(named)}. Expected one name per class: rename the folders or correct the labels. Where all of them are good parts, say so for each: --good NAME.`,
  );
}

/** A given split that has one part on two sides flatters every figure after it. */
function refuseOverlap(samples: readonly Sample[]): void {
  const sides = new Map<string, Set<Subset>>();
  for (const sample of samples) {
    if (sample.split === null) continue;
    const key = groupOf(sample);
    sides.set(key, (sides.get(key) ?? new Set()).add(sample.split));
  }
  const torn = [...sides].filter(([, on]) => on.size > 1).map(([key, on]) => `${key} (${[...on].sort().join('+')})`);
  if (torn.length === 0) return;
  throw new InputError(
    'GROUP_OVERLAP',
    `The split has ${torn.length} of ${sides.size} groups on more than one side: ${listSome(torn)}. Expected each group on one side. Move its pictures to one side, or say which column tells parts apart: --group path where every picture is a part of its own.`,
  );
}
