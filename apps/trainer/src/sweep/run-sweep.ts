import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { InputError, type TrainEvent } from '#contracts';
import { CHECKPOINT_FOLDER } from '../checkpoints.js';
import type { DataChoice } from '../data-choice.js';
import { JobProcess, type TrainCommand } from '../jobs/job-process.js';
import { readNames } from '../steps/dataset.js';
import { refuseAmongClasses, takeOut } from '../take-out.js';
import { writeWhole } from '../write-whole.js';
import { type Candidate, listCandidates, listTrials, type SweepSource, type Trial } from './candidates.js';
import { readFailure, writeFailure } from './failure.js';
import { FIGURE_KINDS } from './figures.js';
import { type Ranked, rank } from './rank.js';
import { readTrial, TRIAL_FILE, type TrialResult } from './trial.js';

export interface SweepRequest extends SweepSource {
  readonly data: DataChoice;
  /** Trials, one folder each, and the sweep's own results. */
  readonly out: string;
  /** Shared by all trials. */
  readonly cacheDir: string;
  /** How a trial's process is started. */
  readonly command: TrainCommand;
  readonly onStep: (text: string) => void;
  readonly onEvent?: (event: TrainEvent) => void;
  /** Stops the trial that runs and throws on; what has ended stays and is not run again. */
  readonly signal?: AbortSignal | undefined;
}

/** A trial that has ended, one way or the other. */
export interface EndedTrial extends Trial {
  readonly result: TrialResult | null;
  /** Why there is no result. */
  readonly failure: string | null;
}

/** One effort; a grid has one round with all candidates, halving several with ever fewer. */
export interface Round {
  /** null where the plan says it. */
  readonly effort: number | null;
  readonly trials: readonly EndedTrial[];
  /** First is best. Candidates without a finished trial are not in it. */
  readonly ranked: readonly Ranked[];
}

export interface SweepOutcome {
  readonly candidates: readonly Candidate[];
  readonly rounds: readonly Round[];
}

/**
 * Try every candidate with every seed, each trial in a process of its own, and rank them on validation. The test side is
 * never scored. What an earlier run of the same sweep finished in `out` is not run again.
 * @throws InputError SWEEP_INVALID | SWEEP_EMPTY | SWEEP_DATA | OUT_IN_DATA; what `readNames` says of the data
 * @throws DependencyError OUT_BUSY when another sweep is at work in `out`, RUN_FOLDER when that cannot be made or written
 */
export async function runSweep(request: SweepRequest): Promise<SweepOutcome> {
  const candidates = await listCandidates(request);
  for (const { name, skipped } of candidates) if (skipped !== null) request.onStep(`${name} is skipped: ${skipped}`);
  const sound = candidates.filter(({ skipped }) => skipped === null);
  await refuseData(request, sound);
  await refuseAmongClasses(request.data, request.out);
  const lock = takeOut(request.out);
  const rounds = await runRounds(request, sound).finally(() => lock.release());
  if (rounds.some(({ ranked }) => ranked.length > 0)) return { candidates, rounds };
  const why = rounds.flatMap(({ trials }) => trials.map(({ failure }) => failure)).find((words) => words !== null);
  throw new InputError('SWEEP_EMPTY', `Every trial of sweep ${request.file} failed, the first with: ${why}`);
}

async function runRounds(request: SweepRequest, candidates: readonly Candidate[]): Promise<Round[]> {
  const { sweep } = request;
  const rounds: Round[] = [];
  let left = candidates;
  for (const effort of effortsOf(sweep.halving)) {
    const trials = await listTrials(left, { source: request, data: request.data, effort });
    const ended = await runTrials(trials, request);
    refuseOtherData(ended);
    const ranked = rank(
      left.map(({ index }) => ({ index, pictures: picturesOf(ended, index) })),
      sweep.rankBy,
    );
    rounds.push({ effort, trials: ended, ranked });
    if (sweep.halving === null) break;
    const kept = new Set(ranked.slice(0, Math.ceil(left.length / sweep.halving.factor)).map(({ index }) => index));
    left = left.filter(({ index }) => kept.has(index));
    if (left.length === 0) break;
  }
  return rounds;
}

function effortsOf(halving: SweepSource['sweep']['halving']): (number | null)[] {
  if (halving === null) return [null];
  const efforts: number[] = [];
  for (let effort = halving.from; effort < halving.to; effort *= halving.factor) efforts.push(effort);
  return [...efforts, halving.to];
}

/** Data that no trial could use is refused here once, not by every trial. */
async function refuseData({ data, ...source }: SweepRequest, candidates: readonly Candidate[]): Promise<void> {
  for (const { plan } of await listTrials(candidates.slice(0, 1), { source, data, effort: null }))
    await readNames({ ...data, ...plan });
}

async function runTrials(trials: readonly Trial[], request: SweepRequest): Promise<EndedTrial[]> {
  const ended: EndedTrial[] = [];
  for (const [i, trial] of trials.entries()) {
    const before = await endOf(trial, request.out);
    const place = `trial ${i + 1} of ${trials.length}: ${trial.candidate.name}, seed ${trial.seed}`;
    const end = before ?? (await runTrial(trial, request));
    ended.push(end);
    request.onStep(`${place}: ${describeEnd(end, request)}${before === null ? '' : ' (finished before)'}`);
  }
  return ended;
}

/** What an earlier run left of a trial; null where it has to run. */
async function endOf(trial: Trial, out: string): Promise<EndedTrial | null> {
  const dir = folderOf(trial, out);
  const result = await readTrial(dir);
  if (result !== null) return { ...trial, result, failure: null };
  const failure = await readFailure(dir);
  return failure === null ? null : { ...trial, result: null, failure };
}

async function runTrial(trial: Trial, request: SweepRequest): Promise<EndedTrial> {
  const { out, cacheDir, weightsDir, command, signal } = request;
  const dir = folderOf(trial, out);
  // A trial that was killed begins anew.
  for (const left of [TRIAL_FILE, CHECKPOINT_FOLDER]) await rm(join(dir, left), { recursive: true, force: true });
  const plan = join(dir, 'plan.yaml');
  await writeWhole(plan, stringify(trial.plan));
  let failed: { code: string; message: string } | null = null;
  const { data, split, good, group } = request.data;
  const run = JobProcess.start({
    command,
    request: { data, split, good: good === undefined ? undefined : [...good], group, plan, set: {} },
    out: dir,
    registry: null,
    cacheDir,
    weightsDir,
    onEvent: (event) => {
      if (event.event === 'failed') failed = event;
      request.onEvent?.(event);
    },
  });
  const stop = (): void => void run.cancel(STOP_MS);
  signal?.addEventListener('abort', stop, { once: true });
  if (signal?.aborted) stop();
  const { exitCode, signal: killedBy, lastWords } = await run.ended;
  signal?.removeEventListener('abort', stop);
  signal?.throwIfAborted();
  const result = await readTrial(dir);
  if (exitCode === 0 && result !== null) return { ...trial, result, failure: null };
  const { code, message } = failed ?? { code: 'CRASHED', message: `${killedBy ?? `exit ${exitCode}`}. ${lastWords}` };
  await writeFailure(dir, { code, message });
  return { ...trial, result: null, failure: `${code}: ${message}` };
}

/** A trial that is asked to end has nothing to save. */
const STOP_MS = 2_000;

/** Where a trial's files lie. */
export function folderOf({ id }: Trial, out: string): string {
  return join(out, 'trials', id);
}

function describeEnd({ result, failure }: EndedTrial, { sweep }: SweepRequest): string {
  if (result === null) return `failed, ${failure}`;
  const { title, of } = FIGURE_KINDS[sweep.rankBy];
  return `${title} ${of(result.pictures).toFixed(4)} in ${result.seconds.toFixed(0)} s`;
}

function picturesOf(ended: readonly EndedTrial[], index: number): Map<number, TrialResult['pictures']> {
  return new Map(
    ended.flatMap(({ candidate, seed, result }) =>
      candidate.index === index && result !== null ? [[seed, result.pictures] as const] : [],
    ),
  );
}

/** Trials with one seed have the same pictures on the same sides, or they cannot be compared. */
function refuseOtherData(ended: readonly EndedTrial[]): void {
  const fingerprints = new Map<number, string>();
  for (const { seed, result, id } of ended) {
    if (result === null) continue;
    const expected = fingerprints.get(seed) ?? result.fingerprint;
    fingerprints.set(seed, expected);
    if (expected === result.fingerprint) continue;
    throw new InputError(
      'SWEEP_DATA',
      `The data changed during the sweep: trial ${id} with seed ${seed} saw other pictures than the one before it. Begin again with another --out.`,
    );
  }
}
