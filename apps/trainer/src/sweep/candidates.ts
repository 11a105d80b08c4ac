import { createHash } from 'node:crypto';
import { CodedError, InputError } from '#contracts';
import { findWeights } from '#model/weights/store';
import type { DataChoice } from '../data-choice.js';
import { freezeOf } from '../plan/freeze-of.js';
import type { Plan } from '../plan/plan.js';
import { readPlan } from '../plan/read-plan.js';
import { refuseOneClass } from './refuse-one-class.js';
import { type SweepFile, sweepInvalid } from './sweep-file.js';

/** One combination of settings, to be trained with every seed. */
export interface Candidate {
  /** Its place in the file: the same sweep has the same order. */
  readonly index: number;
  readonly name: string;
  /** What it varies, by dotted key. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Why it cannot be tried here, and what to do; null where it can. */
  readonly skipped: string | null;
}

/** One training: a candidate with one seed and one effort. */
export interface Trial {
  /** Names its folder: hash of the whole plan and the data it was asked for. */
  readonly id: string;
  readonly candidate: Candidate;
  readonly seed: number;
  readonly plan: Plan;
}

/** Where the settings of a trial come from, beside the candidate's own. */
export interface SweepSource {
  /** Where the sweep was read, for messages. */
  readonly file: string;
  readonly sweep: SweepFile;
  /** A plan file under everything, and `--set` over the sweep's own plan. */
  readonly planFile?: string | undefined;
  readonly set?: Readonly<Record<string, string>> | undefined;
  readonly weightsDir: string;
}

/**
 * List the candidates, every plan checked.
 * @throws InputError SWEEP_INVALID naming every problem at once
 */
export async function listCandidates(source: SweepSource): Promise<Candidate[]> {
  const { file, sweep, weightsDir } = source;
  const problems = new Set<string>();
  const candidates: Candidate[] = [];
  for (const [index, { name, settings, needs }] of combine(sweep).entries()) {
    let skipped: string | null = null;
    try {
      const plan = await planOf(source, { settings, seed: sweep.seeds[0] ?? 1, effort: sweep.halving?.from ?? null });
      const { backbone } = await findWeights(plan.weights, weightsDir);
      freezeOf(plan, backbone);
      refuseOneClass(plan);
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      if (error.code === 'WEIGHTS_UNKNOWN')
        skipped = needs === undefined ? error.message : `its weights are missing. Import them: ${needs}`;
      // A depth that another network has: part of a ready sweep, no mistake in it.
      else if (error.code === 'PLAN_FREEZE' && isDepth(settings)) skipped = error.message;
      else for (const problem of linesOf(error)) problems.add(`${problem} (${name})`);
    }
    candidates.push({ index, name, settings, skipped });
  }
  if (problems.size > 0) throw sweepInvalid(file, [...problems]);
  if (candidates.some(({ skipped }) => skipped === null)) return candidates;
  throw new InputError(
    'SWEEP_EMPTY',
    `No candidate of sweep ${file} can be tried here:\n${[...new Set(candidates.map(({ skipped }) => `  ${skipped}`))].join('\n')}`,
  );
}

function isDepth(settings: Readonly<Record<string, unknown>>): boolean {
  return typeof settings['fineTune.freeze'] === 'number';
}

function linesOf(error: CodedError): string[] {
  if (error.code !== 'PLAN_INVALID') return [error.message];
  return error.message.split('\n').flatMap((line) => (line.startsWith('  ') ? [line.trim()] : []));
}

interface Combination {
  readonly name: string;
  readonly settings: Record<string, unknown>;
  readonly needs?: string | undefined;
}

function combine({ over, cases }: SweepFile): Combination[] {
  const grid = Object.entries(over).reduce<Record<string, unknown>[]>(
    (all, [key, values]) => all.flatMap((settings) => values.map((value) => ({ ...settings, [key]: value }))),
    [{}],
  );
  const named = grid.map((settings) => ({ name: nameOf(settings), settings }));
  if (cases.length === 0) return named;
  return cases.flatMap(({ name, set, needs }) =>
    named.map((one) => ({
      name: one.name === '' ? name : `${name}, ${one.name}`,
      settings: { ...set, ...one.settings },
      needs,
    })),
  );
}

function nameOf(settings: Record<string, unknown>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}

/** The trials of one round, candidate by candidate within a seed, so that a killed sweep leaves whole comparisons. */
export async function listTrials(
  candidates: readonly Candidate[],
  { source, data, effort }: { source: SweepSource; data: DataChoice; effort: number | null },
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const seed of source.sweep.seeds) {
    for (const candidate of candidates) {
      const plan = await planOf(source, { settings: candidate.settings, seed, effort });
      trials.push({ id: idOf(plan, data), candidate, seed, plan });
    }
  }
  return trials;
}

function planOf(
  { sweep, planFile, set = {} }: SweepSource,
  trial: { settings: Readonly<Record<string, unknown>>; seed: number; effort: number | null },
): Promise<Plan> {
  const effort = sweep.halving === null || trial.effort === null ? {} : { [sweep.halving.over]: trial.effort };
  return readPlan(planFile, {
    ...asSettings(sweep.plan),
    ...set,
    ...asSettings({ ...trial.settings, ...effort, seed: trial.seed }),
  });
}

/** JSON is YAML. */
function asSettings(values: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, JSON.stringify(value)]));
}

function idOf(plan: Plan, { data, split, good, group }: DataChoice): string {
  const told = JSON.stringify([plan, data, split ?? null, good ?? null, group ?? null]);
  return createHash('sha256').update(told).digest('hex').slice(0, 16);
}
