import { closeSync, existsSync, openSync, writeSync } from 'node:fs';
import { readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { codeOf, InputError, messageOf } from '#contracts';
import { CARD_FILE } from '#model/artefact';
import { CHECKPOINT_FOLDER, hasLearnt } from './checkpoints.js';
import { EVENTS_FILE } from './run-events.js';
import { notWritable, takeOut } from './take-out.js';
import { TrainLog, type TrainSink } from './train-log.js';
import { writeWhole } from './write-whole.js';

export interface RunFolder {
  readonly dir: string;
  /** Appends every event to `metrics.jsonl`, one JSON line each. */
  readonly sink: TrainSink;
  close(): void;
}

const PLAN = 'plan.yaml';
/** Settings in which two plans differ that a message names. */
const MOST_TOLD = 5;

export interface RunFolderOptions {
  readonly dir: string;
  readonly plan: unknown;
  /** Go on with the run that was stopped or killed there. */
  readonly isResumed?: boolean;
  /** Drop what that run has learnt. */
  readonly isAnew?: boolean;
}

/**
 * Open a run's folder and write down what is about to run: `plan.yaml` now, `metrics.jsonl` as it goes. A run that
 * goes on adds to what it said before; half a line that a crash left is cut off. The caller closes it.
 * @throws InputError OUT_TAKEN when a model is there; RUN_STOPPED when a run of this plan was stopped there and nobody said
 *   what becomes of it; RESUME_MISMATCH when the run that goes on began with another plan
 * @throws DependencyError OUT_BUSY when another run is at work there; RUN_FOLDER when the folder cannot be made or written
 *   (permissions, full disk)
 */
export async function openRunFolder(options: RunFolderOptions): Promise<RunFolder> {
  const { dir, isResumed = false } = options;
  refuseTaken(dir, isResumed);
  const lock = takeOut(dir);
  try {
    // Whoever had it a moment ago may have left a model.
    refuseTaken(dir, isResumed);
    const metrics = await begin(options);
    return {
      dir,
      sink: (event) => {
        if (event.event !== 'progress') appendLine(metrics, event, dir);
      },
      close: () => {
        closeSync(metrics);
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** @returns the open `metrics.jsonl` */
async function begin({ dir, plan, isResumed = false, isAnew = false }: RunFolderOptions): Promise<number> {
  if (isResumed) await assertSamePlan(dir, plan);
  else if (!isAnew) await refuseStopped(dir, plan);
  const file = join(dir, EVENTS_FILE);
  try {
    await writeWhole(join(dir, PLAN), stringify(plan));
    const metrics = openSync(file, isResumed ? 'a' : 'w');
    if (isResumed) await truncate(file, await wholeLines(file));
    return metrics;
  } catch (cause) {
    throw notWritable(dir, cause);
  }
}

/** Do a run's work with its folder open; what it says goes there and to the sinks, a failure too. */
export async function inRunFolder<T>(
  { out, sinks, ...options }: Omit<RunFolderOptions, 'dir'> & { out: string; sinks: readonly TrainSink[] },
  work: (log: TrainLog) => Promise<T>,
): Promise<T> {
  const folder = await openRunFolder({ ...options, dir: out });
  const log = new TrainLog([folder.sink, ...sinks]);
  try {
    return await work(log);
  } catch (error) {
    log.failed({ code: codeOf(error), message: messageOf(error) });
    throw error;
  } finally {
    folder.close();
  }
}

/** A model never changes. A card beside a checkpoint is not the end of its run: that one may go on. */
function refuseTaken(dir: string, isResumed: boolean): void {
  if (!existsSync(join(dir, CARD_FILE)) || (isResumed && existsSync(join(dir, CHECKPOINT_FOLDER)))) return;
  throw new InputError('OUT_TAKEN', `${dir} holds a model already, and a model never changes. Name another --out.`);
}

/** Hours of learning are not dropped by a command that was typed twice. Whoever changed the plan wants another run. */
async function refuseStopped(dir: string, plan: unknown): Promise<void> {
  if (!(await hasLearnt(dir)) || (await readChanges(dir, plan))?.length !== 0) return;
  throw new InputError(
    'RUN_STOPPED',
    `${dir} holds what a run of this plan has learnt that did not come to its end. Expected --resume to go on with it, --anew to drop it, or another --out.`,
  );
}

/** A run goes on by the plan it began with, which must not be written over. */
async function assertSamePlan(dir: string, plan: unknown): Promise<void> {
  const changes = (await readChanges(dir, plan)) ?? [];
  if (changes.length === 0) return;
  const more = changes.length > MOST_TOLD ? ` and ${changes.length - MOST_TOLD} more` : '';
  throw new InputError(
    'RESUME_MISMATCH',
    `The run in ${dir} began with another plan and cannot go on with this one: ${changes.slice(0, MOST_TOLD).join('; ')}${more}. Leave --plan and --set away to go on; a run of an earlier program that did not know a setting cannot: train with --anew to drop it.`,
  );
}

/** What a plan changes of the one a folder's run began with, setting by setting, in words; null where none began. */
async function readChanges(dir: string, plan: unknown): Promise<string[] | null> {
  const before = await readFile(join(dir, PLAN), 'utf8').catch(() => null);
  if (before === null) return null;
  const [began, now] = [settingsOf(parse(before)), settingsOf(JSON.parse(JSON.stringify(plan)))];
  const keys = [...new Set([...began.keys(), ...now.keys()])].filter((key) => began.get(key) !== now.get(key));
  return keys.map((key) => `${key} was ${began.get(key) ?? 'not known'}, is ${now.get(key) ?? 'not known'}`);
}

/** Settings of a plan by dotted key, as JSON; an empty object is a value. */
function settingsOf(plan: unknown, under = ''): Map<string, string> {
  const isGroup = typeof plan === 'object' && plan !== null && !Array.isArray(plan) && Object.keys(plan).length > 0;
  if (!isGroup) return new Map([[under, JSON.stringify(plan)]]);
  return new Map(
    Object.entries(plan).flatMap(([key, value]) => [...settingsOf(value, under === '' ? key : `${under}.${key}`)]),
  );
}

/** Bytes up to the last line break. */
async function wholeLines(file: string): Promise<number> {
  return (await readFile(file)).lastIndexOf('\n') + 1;
}

/** Synchronous: a line is on its way to the disk before the next step starts, so a killed run leaves what it said. */
function appendLine(metrics: number, event: unknown, dir: string): void {
  try {
    writeSync(metrics, `${JSON.stringify(event)}\n`);
  } catch (cause) {
    throw notWritable(dir, cause);
  }
}
