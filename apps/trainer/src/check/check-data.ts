import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#contracts';
import { inParallel } from '#model/dataset/in-parallel';
import { equalPairs, findLeaks } from '#model/dataset/leaks';
import { findOutliers } from '#model/dataset/outliers';
import { inspectPictures } from '#model/dataset/pictures';
import { groupOf, type Sample, type VerifiedDataset } from '#model/dataset/sample';
import { type Split, type SplitOptions, splitDataset, taughtLabels } from '#model/dataset/split';
import { type DataChoice, readChosen } from '../data-choice.js';
import { MAX_PIXELS } from '../limits.js';
import { LookStore } from '../look-store.js';
import { drawFile } from '../page/picture.js';
import { describeShortcuts } from '../steps/shortcuts.js';
import type { TrainLog } from '../train-log.js';
import { writeWhole } from '../write-whole.js';
import { drawCheck } from './draw-check.js';
import type { DataCheck, Finding, PairFinding, PictureName } from './findings.js';
import { askProbes, type ProbeOptions, readOpinions } from './out-of-fold.js';
import { agreementOf, findSuspects } from './suspects.js';

export interface CheckRequest extends DataChoice, ProbeOptions {
  /** Where `index.html` and `check.json` go. */
  readonly out: string;
  /** CSV `path,label,score,fold` of a k-fold training; null = linear probes on frozen embeddings. */
  readonly scores: string | null;
}

/**
 * Look at labelled pictures before a training: what is there, what a training would refuse, and what a person should see.
 * Writes `check.json` and a self-contained `index.html` into `out`.
 * @throws InputError as `readDataset` says; SCORES_INVALID
 */
export async function checkData(request: CheckRequest, log: TrainLog): Promise<DataCheck> {
  const isOneClass = request.plan.mode === 'one-class';
  const named = await readChosen({ ...request, isOneClass }, request.plan);
  const looks = await LookStore.open(request.cacheDir);
  const opened = await inspectPictures(named, {
    ...{ ...request.plan, maxPixels: MAX_PIXELS, looks },
    onProgress: (done, total) => log.progress({ step: 'pictures', done, total }),
  }).finally(() => looks.close());
  const { split, unsplittable } = trySplit(opened, { ...request.plan, isOneClass });
  const samples = [...split.train, ...split.val, ...split.test];
  const found = samples.length > 0 ? { ...opened, samples } : opened;
  const { findings: suspects, agreement, unasked } = await suspect(found, request, log);
  const pairs = pairsOf(found);
  const check: DataCheck = {
    data: request.data,
    pictures: named.samples.length,
    counts: countAll(found.samples),
    sizes: count(found.samples, ({ look }) => (look === undefined ? '?' : `${look.width} x ${look.height}`)),
    formats: count(found.samples, ({ look }) => look?.format ?? '?'),
    shortcuts: describeShortcuts(found.samples),
    unreadable: opened.unreadable,
    unsplittable,
    leaks: findLeaks(split, opened.twins).map(({ first, second, how }) => ({ ...nameBoth(first, second), how })),
    conflicts: pairs.filter(({ first, second }) => first.label !== second.label),
    copies: pairs.filter(({ first, second }) => first.label === second.label),
    outliers: findOutliers(found.samples).map(({ sample, kind, value, usual, score }) => ({
      ...nameOf(sample),
      what: `${kind}: ${value.toFixed(2)} where ${usual.toFixed(2)} is usual, ${score.toFixed(1)} deviations`,
    })),
    suspects,
    agreement,
    unasked,
  };
  const files = new Map(found.samples.map(({ path, file }) => [path, file]));
  const page = await drawCheck(check, async (paths) => {
    const drawn = await inParallel([...new Set(paths)], async (path) => {
      const file = files.get(path);
      return [path, file === undefined ? '' : await drawFile(await readFile(file))] as const;
    });
    return new Map(drawn);
  });
  await writeWhole(join(request.out, 'check.json'), `${JSON.stringify(check, null, 2)}\n`);
  await writeWhole(join(request.out, 'index.html'), page);
  return check;
}

const NO_SPLIT: Split = { train: [], val: [], test: [] };

/** The sides as training would have them, and why it would refuse them, where it would. */
function trySplit(
  dataset: VerifiedDataset,
  options: SplitOptions & { readonly isOneClass: boolean },
): { split: Split; unsplittable: string | null } {
  let split = NO_SPLIT;
  try {
    split = splitDataset(dataset, options);
    if (!options.isOneClass) taughtLabels(dataset, split);
    return { split, unsplittable: null };
  } catch (error) {
    if (error instanceof InputError) return { split, unsplittable: error.message };
    throw error;
  }
}

async function suspect(
  dataset: VerifiedDataset,
  request: CheckRequest,
  log: TrainLog,
): Promise<Pick<DataCheck, 'agreement' | 'unasked'> & { findings: Finding[] }> {
  try {
    const { opinions, classes } =
      request.scores === null ? await askProbes(dataset, request, log) : await readOpinions(request.scores, dataset);
    const findings = findSuspects(opinions).map(({ sample, likely, own, other }) => ({
      ...nameOf(sample),
      what: `rather ${classes[likely]}: ${percent(other)}, as labelled ${percent(own)}`,
    }));
    return { findings, agreement: agreementOf(opinions), unasked: null };
  } catch (error) {
    if (error instanceof InputError && error.code === 'TOO_FEW')
      return { findings: [], agreement: null, unasked: error.message };
    throw error;
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function pairsOf({ samples, twins }: VerifiedDataset): PairFinding[] {
  const byPath = new Map(samples.map((sample) => [sample.path, sample]));
  const equal = equalPairs(samples).map(([first, second]) => ({ ...nameBoth(first, second), how: 'byte for byte' }));
  const near = twins.flatMap(({ first, second, orientation }) => {
    const [a, b] = [byPath.get(first), byPath.get(second)];
    return a === undefined || b === undefined ? [] : [{ ...nameBoth(a, b), how: orientation }];
  });
  return [...equal, ...near];
}

function nameBoth(first: Sample, second: Sample): Pick<PairFinding, 'first' | 'second'> {
  return { first: nameOf(first), second: nameOf(second) };
}

function nameOf({ path, label, split }: Sample): PictureName {
  return { path, label, side: split };
}

function countAll(samples: readonly Sample[]): DataCheck['counts'] {
  const by: Record<string, (sample: Sample) => string | null | undefined> = {
    side: ({ split }) => split,
    kind: ({ kind }) => kind,
    group: (sample) => (sample.group === null ? null : groupOf(sample)),
    lot: ({ lot }) => lot,
    day: ({ day }) => day,
    camera: ({ camera }) => camera,
  };
  const rows = Object.entries(by).map(([name, of]) => {
    const counts: Record<string, Record<string, number>> = {};
    for (const sample of samples) {
      const value = of(sample);
      if (value === null || value === undefined) continue;
      const row = counts[value] ?? {};
      counts[value] = { ...row, [sample.label]: (row[sample.label] ?? 0) + 1 };
    }
    return [name, counts] as const;
  });
  return Object.fromEntries(rows.filter(([, counts]) => Object.keys(counts).length > 0));
}

function count(samples: readonly Sample[], of: (sample: Sample) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const sample of samples) counts[of(sample)] = (counts[of(sample)] ?? 0) + 1;
  return counts;
}
