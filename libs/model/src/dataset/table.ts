import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'csv-parse';
import { z } from 'zod';
import { InputError, messageOf } from '#contracts';
import { dayOf, TIME_COLUMNS } from './day.js';
import { inParallel } from './in-parallel.js';
import { listSome } from './list-some.js';
import type { Sample, Subset } from './sample.js';
import { sideNamed } from './sides.js';

const Row = z.record(z.string(), z.string());
const Rows = z.array(z.object({ record: Row, info: z.object({ lines: z.number().int() }) }));

/** As spreadsheets write them where a comma is the decimal point, or copy cells. */
const DELIMITERS = [',', ';', '\t'];

/** Rows that spreadsheets leave behind the last one: nothing, or delimiters alone. */
const EMPTY = { skip_empty_lines: true, skip_records_with_empty_values: true };

const parseCsv = promisify((text: string, done: (error: Error | null | undefined, rows?: unknown) => void) => {
  const header = text.trimStart().split(/[\r\n]/, 1)[0] ?? '';
  const delimiter = DELIMITERS.find((one) => header.includes(one)) ?? ',';
  parse(text, { columns: columnsNamed, delimiter, trim: true, ...EMPTY, info: true }, done);
});

const OWN_COLUMNS = ['path', 'label', 'split', 'group', 'lot', 'part', 'partId', 'class', 'camera', ...TIME_COLUMNS];
const OWN_BY_WORD = new Map(OWN_COLUMNS.map((name) => [name.toLowerCase(), name]));

/** What others call a column. */
const ALIASES: Readonly<Record<string, RegExp>> = {
  path: /^(images?|img|files?)[ _]?(path|name|id)?$/i,
  label: /^(class|category|target|defect)[ _]?(name|id)?$/i,
};

/** `Split` is no other column than `split`: left alone, its sides would be made anew. */
function columnNamed(name: string): string {
  return OWN_BY_WORD.get(name.toLowerCase()) ?? name;
}

function columnsNamed(header: readonly string[]): string[] {
  const names = header.map(columnNamed);
  const twice = OWN_COLUMNS.filter((own) => names.indexOf(own) !== names.lastIndexOf(own));
  if (twice.length > 0) throw new Error(`column ${twice.join(', ')} is there twice (found ${header.join(', ')})`);
  return names;
}

export interface TableOptions {
  readonly dir: string;
  readonly csv: string;
  readonly groupColumn?: string | undefined;
  readonly stratifyColumn?: string | undefined;
}

/**
 * Read a CSV `path,label[,split,group,lot,part,class,camera,…]`, delimited by commas, semicolons or tabs; other columns are
 * kept out. The `label` column decides the class.
 * @throws InputError CSV_INVALID, DUPLICATE_PATH, LABEL_UNKNOWN (pictures the CSV names and the directory lacks)
 */
export async function readTable(options: TableOptions): Promise<Sample[]> {
  const rows = await readRows(options.csv);
  const columns = Object.keys(rows[0]?.record ?? {});
  const group = (options.groupColumn ?? 'group').split('+').map(columnNamed);
  const stratum = options.stratifyColumn === undefined ? null : columnNamed(options.stratifyColumn);
  const asked = [...(options.groupColumn === undefined ? [] : group), ...(stratum === null ? [] : [stratum])];
  const hasTime = columns.some((name) => TIME_COLUMNS.includes(name));
  const wanted = [...new Set(['path', 'label', ...asked.filter((name) => name !== 'day' || !hasTime)])];
  const missing = wanted.filter((name) => rows.length > 0 && !columns.includes(name));
  if (missing.length > 0) {
    const advice = missing.flatMap((name) => {
      const likely = columns.find((column) => ALIASES[name]?.test(column));
      return likely === undefined ? [] : [`; call ${likely} ${name}, if it is that`];
    });
    throw invalid(
      options.csv,
      `column ${missing.join(', ')} is not there (found ${columns.join(', ')}${advice.join('')})`,
    );
  }
  const problems: string[] = [];
  const asTheyAre = await namedWithBackslashes(rows, options.dir);
  const samples = rows.map(({ record, info }) => {
    const said = record['split'] ?? '';
    const split = sideNamed(said);
    if (split === null && said !== '') problems.push(`line ${info.lines}: split "${said}" is not train, val or test`);
    for (const name of ['path', 'label']) if (!record[name]) problems.push(`line ${info.lines}: ${name} is empty`);
    if (asked.includes('day') && dayOf(record) === null)
      problems.push(`line ${info.lines}: ${tellNoDay(record, { isFirst: problems.length === 0 })}`);
    return toSample({ record, group, stratum, options, split, asTheyAre });
  });
  const undecided = samples.filter((sample) => sample.split === null).length;
  if (undecided > 0 && undecided < samples.length) {
    problems.push(`${undecided} of ${samples.length} rows have no split while the others have one`);
  }
  if (problems.length > 0) throw invalid(options.csv, listSome(problems));
  refuseDuplicates(samples, options.csv);
  await refuseAbsent(samples, options);
  return samples;
}

/** Why no day can be read, the form that is read in the first of many lines. */
function tellNoDay(record: Readonly<Record<string, string>>, { isFirst }: { isFirst: boolean }): string {
  const filled = TIME_COLUMNS.find((name) => (record[name] ?? '') !== '');
  const found = filled === undefined ? 'its time is empty' : `${filled} is "${record[filled]}"`;
  return `no day can be read, ${found}${isFirst ? ' (expected 2026-03-01, or seconds since 1970)' : ''}`;
}

async function readRows(csv: string): Promise<z.infer<typeof Rows>> {
  const bytes = await readFile(csv).catch((cause: Error) => {
    throw new InputError(
      'DATA_MISSING',
      `Split file ${csv} cannot be read: ${cause.message}. Expected a CSV path,label that this user may read.`,
      { cause },
    );
  });
  try {
    return Rows.parse(await parseCsv(textOf(bytes)));
  } catch (cause) {
    throw invalid(csv, messageOf(cause), cause);
  }
}

/** Without its byte order mark, which alone tells UTF-16. */
function textOf(bytes: Uint8Array): string {
  const encoding = bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error(`its text is not ${encoding.toUpperCase()}, save it as CSV UTF-8`, { cause });
  }
}

/** Paths of pictures whose names have a backslash, which Linux allows: no folder ends there. */
async function namedWithBackslashes(rows: z.infer<typeof Rows>, dir: string): Promise<ReadonlySet<string>> {
  const told = rows.flatMap(({ record }) => (record['path']?.includes('\\') ? [record['path']] : []));
  const areFiles = await inParallel(told, (path) => isFile(resolve(dir, path)));
  return new Set(told.filter((_, i) => areFiles[i]));
}

function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

function toSample(from: {
  record: Readonly<Record<string, string>>;
  group: readonly string[];
  stratum: string | null;
  options: TableOptions;
  split: Subset | null;
  asTheyAre: ReadonlySet<string>;
}): Sample {
  const { record, group, options, asTheyAre } = from;
  const { path: told = '' } = record;
  // Windows writes backslashes; data is labelled there and learnt elsewhere.
  const file = resolve(options.dir, asTheyAre.has(told) ? told : told.replaceAll('\\', '/'));
  const path = relative(resolve(options.dir), file).split(sep).join('/');
  const day = dayOf(record);
  const known: Readonly<Record<string, string | null>> = { path, day };
  const cellOf = (column: string): string => known[column] ?? record[column] ?? '';
  const own = group.map(cellOf);
  const stratum = from.stratum === null ? null : cellOf(from.stratum);
  return {
    path,
    file,
    label: record['label'] ?? '',
    split: from.split,
    group: own.some((value) => value !== '') ? own.join('+') : null,
    lot: record['lot'] || null,
    part: record['part'] || record['partId'] || null,
    ...(record['class'] ? { kind: record['class'] } : {}),
    ...(record['camera'] ? { camera: record['camera'] } : {}),
    ...(day === null ? {} : { day }),
    ...(stratum === null ? {} : { stratum }),
  };
}

function refuseDuplicates(samples: readonly Sample[], csv: string): void {
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const { path } of samples) (seen.has(path) ? twice : seen).add(path);
  if (twice.size === 0) return;
  throw new InputError(
    'DUPLICATE_PATH',
    `${csv} names ${twice.size} pictures more than once: ${listSome([...twice])}. Expected one row per picture.`,
  );
}

async function refuseAbsent(samples: readonly Sample[], { dir, csv }: TableOptions): Promise<void> {
  const inside = samples.filter(({ path }) => !path.startsWith('../') && !isAbsolute(path));
  const there = await inParallel(inside, async ({ path, file }) => ((await isFile(file)) ? path : null));
  const known = new Set(there);
  const absent = samples.filter(({ path }) => !known.has(path)).map(({ path }) => path);
  if (absent.length === 0) return;
  throw new InputError(
    'LABEL_UNKNOWN',
    `${csv} labels ${absent.length} of ${samples.length} pictures that are not in ${dir}: ${listSome(absent)}. Paths are relative to that directory.`,
  );
}

function invalid(csv: string, problem: string, cause?: unknown): InputError {
  return new InputError(
    'CSV_INVALID',
    `${csv} cannot be used: ${problem}. Expected a CSV with a header and the columns path,label[,split,group,lot,part].`,
    { cause },
  );
}
