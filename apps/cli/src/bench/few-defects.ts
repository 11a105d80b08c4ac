import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { CodedError, type Evaluation, InputError } from '#contracts';
import { readCard } from '#model/artefact';
import { readDataset } from '#model/dataset/dataset';
import { compareNames, GOOD, groupOf, type Sample } from '#model/dataset/sample';
import { splitDataset } from '#model/dataset/split';
import { shuffle } from '#model/shuffle';
import { readPlan } from '../../../trainer/src/plan/read-plan.js';
import { train } from '../../../trainer/src/train.js';
import { writeWhole } from '../../../trainer/src/write-whole.js';

export interface FewDefectsBench {
  readonly data: string;
  readonly split: string | undefined;
  readonly good: readonly string[] | undefined;
  readonly group: string | undefined;
  /** Defect pictures known when training begins; all of them come last by themselves. */
  readonly counts: readonly number[];
  /** Draws pictures and seeds every run. */
  readonly seed: number;
  /** `--set` of every run. */
  readonly settings: Readonly<Record<string, string>>;
  /** Runs are kept here: those that ended with the same plan and pictures are not done again. */
  readonly out: string;
  readonly weightsDir: string;
  readonly onRow: (row: FewDefectsRow) => void;
}

/** Figures on the test side, which is the same for every row. */
export interface FewDefectsRow {
  readonly mode: 'classifier' | 'one-class';
  /** Defect pictures known; null = any number: one-class mode learns nothing from them. */
  readonly defects: number | null;
  readonly figures: Pick<Evaluation, 'auroc' | 'maxF1' | 'overkillAtRecall'> | null;
  /** Code of the failure where a run was refused; so few defects may not fill two sides. */
  readonly refused: string | null;
}

/**
 * How good a model is with few defect pictures: one-class mode once, then the classifier with so many of them, drawn by
 * group. Its validation side comes out of these too.
 * @throws InputError as `readDataset` and `splitDataset` say; BENCH_TEST without a test side
 */
export async function benchFewDefects(bench: FewDefectsBench): Promise<FewDefectsRow[]> {
  const plan = await readPlan(undefined, bench.settings);
  const dataset = await readDataset({ ...bench, dir: bench.data, groupColumn: bench.group });
  const { train: teaching, val, test } = splitDataset(dataset, { ...plan, seed: bench.seed });
  if (test.length === 0) {
    throw new InputError(
      'BENCH_TEST',
      `Nothing to measure on: expected a test side of ${bench.data}, got none. Put pictures with defects there.`,
    );
  }
  const known = [...teaching, ...val];
  const good = known.filter(({ label }) => label === GOOD);
  const defects = drawByGroup(
    known.filter(({ label }) => label !== GOOD),
    bench.seed,
  );
  const asked = [...new Set([...bench.counts.filter((count) => count < defects.length), defects.length])];
  const rows: FewDefectsRow[] = [];
  const add = async (mode: FewDefectsRow['mode'], count: number): Promise<void> => {
    const samples = [...good, ...defects.slice(0, count)].map((sample) => ({ ...sample, split: 'train' as const }));
    const result = await runOnce([...samples, ...test], { bench, mode, count });
    const row = { mode, defects: mode === 'one-class' ? null : count, ...result };
    rows.push(row);
    bench.onRow(row);
  };
  await add('one-class', 0);
  for (const count of asked.toSorted((a, b) => a - b)) await add('classifier', count);
  return rows;
}

/** Pictures group after group, groups in drawn order: what is drawn for a small number is part of a greater one's. */
function drawByGroup(samples: readonly Sample[], seed: number): Sample[] {
  const names = [...new Set(samples.map(groupOf))].sort(compareNames);
  return shuffle(names, xoroshiro128plus(seed)).flatMap((name) => samples.filter((sample) => groupOf(sample) === name));
}

async function runOnce(
  samples: readonly Sample[],
  { bench, mode, count }: { bench: FewDefectsBench; mode: FewDefectsRow['mode']; count: number },
): Promise<Pick<FewDefectsRow, 'figures' | 'refused'>> {
  const dir = join(bench.out, `${mode}-${count}-seed-${bench.seed}`);
  const out = join(dir, 'run');
  const split = join(dir, 'split.csv');
  const rows = samples.map((sample) => [sample.path, sample.label, sample.split, groupOf(sample)]);
  const table = stringify([['path', 'label', 'split', 'group'], ...rows]);
  const plan = await readPlan(undefined, { ...bench.settings, mode, seed: `${bench.seed}` });
  const ask = `${JSON.stringify(plan)}\n${table}`;
  const done = join(dir, 'done');
  try {
    if ((await readFile(done, 'utf8').catch(() => null)) !== ask) {
      await rm(dir, { recursive: true, force: true });
      await mkdir(dir, { recursive: true });
      await writeWhole(split, table);
      const cacheDir = join(bench.out, 'cache');
      const { data, weightsDir } = bench;
      await train({ data, split, plan, out, registry: null, cacheDir, weightsDir, sinks: [] });
      await writeWhole(done, ask);
    }
    return { figures: (await readCard(out)).card.metrics.test, refused: null };
  } catch (error) {
    if (error instanceof CodedError && TOO_LITTLE.has(error.code)) return { figures: null, refused: error.code };
    throw error;
  }
}

/** What a run says that lacks defects; any other failure ends the bench. */
const TOO_LITTLE: ReadonlySet<string> = new Set(['TOO_FEW', 'ONE_CLASS', 'CLASS_VANISHED']);
