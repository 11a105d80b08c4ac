import type { Figures } from './account.js';
import type { Blow, Course } from './course.js';
import type { Dice } from './dice.js';
import type { ChaosLine } from './line.js';
import type { LineOptions } from './outfit.js';

/** How much of everything a run takes. */
export interface Size {
  /** Blows of a fault that comes again and again. */
  readonly blows: number;
  /** Seconds of flood. */
  readonly floodSeconds: number;
  /** Mutated frames and messages. */
  readonly corpus: number;
  /** Frames of the compressed day. */
  readonly frames: number;
}

/** What CI runs, and what a person runs over lunch. */
export const SHORT: Size = { blows: 2, floodSeconds: 4, corpus: 300, frames: 3_000 };
export const FULL: Size = { blows: 20, floodSeconds: 60, corpus: 2_000, frames: 1_000_000 };

export interface Task {
  readonly size: Size;
  readonly seed: number;
  readonly dice: Dice;
}

export interface Fault {
  /** As the table says it. */
  readonly name: string;
  /** Parts a second while it runs; 60 by default, 0 where the fault sends its own. */
  readonly partsPerSecond?: number;
  /** True where the line is down to the end, as it must be: then no part passes and nothing is waited for. */
  readonly staysDown?: boolean;
  /** Bring it about, on a line that is READY and where parts go by. */
  readonly run: (line: ChaosLine, task: Task) => Promise<void>;
}

/** A fault that comes again and again, each time at a random instant of a line that is itself again. */
export async function strikeAgain(line: ChaosLine, blows: number, makeBlow: () => Blow): Promise<void> {
  for (let blow = 0; blow < blows; blow++) {
    await line.letPartsGo();
    await line.strike(makeBlow());
  }
}

/** A line as it is by default. */
export const layPlainLine = async (): Promise<LineOptions> => ({});

/** Faults that share one line, because starting one takes seconds; families next to each other with the same `lay` do, too. */
export interface Family {
  /** For `--only`. */
  readonly name: string;
  /** False, or why it cannot be run here. */
  readonly skip: string | false;
  /** What the line is made of; asked inside the test that ends it. */
  readonly lay: (task: Task) => Promise<LineOptions>;
  /** False where a fault starts the inspector itself. */
  readonly startsReady?: boolean;
  readonly faults: readonly Fault[];
}

/** One row of the table. */
export interface Row extends Figures, Course {
  readonly fault: string;
}
