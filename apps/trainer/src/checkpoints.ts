import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, readJson } from '#contracts';
import { type FitState, readCheckpoint, writeCheckpoint } from './fit/checkpoint.js';
import { readIfThere } from './read-if-there.js';
import type { TrainLog } from './train-log.js';
import { writeWhole } from './write-whole.js';

/** What two runs must share for one to go on where the other ended, and still come to the same bits. */
export interface RunIdentity {
  readonly plan: unknown;
  /** Fingerprint over every picture, its label and its side. */
  readonly data: string;
  /** Hash of the pretrained weights. */
  readonly weights: string;
  readonly backend: string;
  readonly workers: number;
}

/** In the run's folder. */
export const CHECKPOINT_FOLDER = 'checkpoint';
const RUN = 'run.json';
const STATE = '.safetensors';

/**
 * Checkpoints of a run, in its folder until it is done: one file per phase, replaced after every epoch. A finished
 * phase keeps its last one, so that a resumed run passes over it.
 */
export class Checkpoints {
  private constructor(
    private readonly dir: string,
    private readonly under: string,
  ) {}

  /**
   * Begin anew, or go on with what an earlier run left in the folder.
   * @throws InputError RESUME_MISMATCH when that run had another plan, other data or another machine; CHECKPOINT_BROKEN
   */
  static async open(out: string, options: CheckpointOptions, log: TrainLog): Promise<Checkpoints> {
    const dir = join(out, CHECKPOINT_FOLDER);
    const identity = hashFields(options.identity);
    const before = options.isResumed ? await readIdentity(join(dir, RUN)) : null;
    if (before === null) {
      if (options.isResumed) log.step('resume', 'nothing was saved before the run ended; it begins anew');
      await rm(dir, { recursive: true, force: true });
      await writeWhole(join(dir, RUN), `${JSON.stringify(identity, null, 2)}\n`);
    } else {
      assertSame(before, identity, dir);
    }
    return new Checkpoints(dir, '');
  }

  /** Checkpoints of one part of a run, a fold say, beside those of the others. */
  part(name: string): Checkpoints {
    return new Checkpoints(this.dir, `${this.under}${name}-`);
  }

  /** @returns null where the phase did not finish an epoch. @throws InputError CHECKPOINT_BROKEN */
  load(phase: string): Promise<FitState | null> {
    return readCheckpoint(this.fileOf(phase));
  }

  save(phase: string, state: FitState): Promise<void> {
    return writeCheckpoint(this.fileOf(phase), state);
  }

  fileOf(phase: string): string {
    return join(this.dir, `${this.under}${phase}${STATE}`);
  }

  /** The run is done. */
  async remove(): Promise<void> {
    await rm(this.dir, { recursive: true, force: true });
  }
}

/** Whether a run that has not come to its end left what it has learnt, an epoch or more, in its folder. */
export async function hasLearnt(out: string): Promise<boolean> {
  const names = await readdir(join(out, CHECKPOINT_FOLDER)).catch(() => []);
  return names.some((name) => name.endsWith(STATE));
}

export interface CheckpointOptions {
  readonly identity: RunIdentity;
  readonly isResumed: boolean;
}

const Hashes = z.record(z.string(), z.string());
type Hashes = Readonly<z.infer<typeof Hashes>>;

function hashFields(identity: RunIdentity): Hashes {
  const hash = (value: unknown) =>
    createHash('sha256').update(JSON.stringify(value, sortKeys)).digest('hex').slice(0, 16);
  return Object.fromEntries(Object.entries(identity).map(([field, value]) => [field, hash(value)]));
}

/** A plan read from its file again has the same fields in another order. */
function sortKeys(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

async function readIdentity(file: string): Promise<Hashes | null> {
  const bytes = await readIfThere(file);
  if (bytes === null) return null;
  const { data } = Hashes.safeParse(readJson(bytes.toString('utf8')));
  if (data !== undefined) return data;
  throw new InputError(
    'CHECKPOINT_BROKEN',
    `${file} does not say any more which run was saved there. Train with --anew to drop it.`,
  );
}

function assertSame(before: Hashes, now: Hashes, dir: string): void {
  const others = Object.keys(now).filter((field) => before[field] !== now[field]);
  if (others.length === 0) return;
  throw new InputError(
    'RESUME_MISMATCH',
    `The run saved in ${dir} cannot go on: expected the same plan, data, weights, backend and workers, got another ${others.join(', another ')}. Repeat them as they were, or train with --anew to drop it.`,
  );
}
