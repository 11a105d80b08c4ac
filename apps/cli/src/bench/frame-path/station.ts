import type { ProcessCall } from './process-call.js';

/** Cameras and gate of one station, in one process. */
export interface StationOrder {
  readonly kind: 'open';
  readonly brokerUrl: string;
  readonly station: string;
  readonly cameras: readonly string[];
  /** Files of the pictures that the cameras send in turn. */
  readonly frames: readonly string[];
}

/**
 * window: so many frames are on their way at any time; rate: so many go out each second, whatever comes back.
 */
export type Pace =
  | { readonly kind: 'window'; readonly frames: number }
  | { readonly kind: 'rate'; readonly framesPerSecond: number };

export interface Phase {
  readonly pace: Pace;
  /** Before it counts. */
  readonly warmSeconds: number;
  /** That count, at least: a phase goes on until it is told to end. */
  readonly seconds: number;
  /** gate: a frame is answered by its verdict; parent: by `answered`, and nobody publishes verdicts. */
  readonly answeredBy: 'gate' | 'parent';
}

export type ToStation =
  | StationOrder
  | { readonly kind: 'awaitReady' }
  | (Phase & { readonly kind: 'phase' })
  | { readonly kind: 'end' }
  | { readonly kind: 'answered'; readonly frames: number };

export type FromStation =
  | { readonly kind: 'opened' }
  | { readonly kind: 'ready'; readonly at: number }
  | { readonly kind: 'began' }
  /** Verdicts are of another model from here on. */
  | { readonly kind: 'model'; readonly id: string }
  | { readonly kind: 'ended'; readonly figures: PhaseFigures }
  | { readonly kind: 'failed'; readonly message: string };

export interface PhaseFigures {
  readonly seconds: number;
  /** Answered inside the seconds that count. */
  readonly answered: number;
  /** From publish to verdict received, ms; rising; of frames sent in the seconds that count. */
  readonly latenciesMs: readonly number[];
  /** Sent and not answered 3 s after the end. */
  readonly lost: number;
  readonly late: number;
  /** Other than PASS, by reason. */
  readonly notPassed: Readonly<Record<string, number>>;
  /** Verdicts by model and where it computed. */
  readonly models: Readonly<Record<string, number>>;
}

export type Station = ProcessCall<ToStation, FromStation>;
