import type { Place, Reason } from '#contracts';
import type { ModelCard } from '#model/card';

/** What came of a frame: scores of a model, or the reason why nobody can say. Durations in ms on a monotonic clock. */
export type Outcome = Scored | Refused;

export interface Scored {
  readonly kind: 'scored';
  readonly scores: Readonly<Record<string, number>>;
  /** How unlike training the frame is; absent where the model has no guard. */
  readonly distance?: number | undefined;
  readonly card: ModelCard;
  readonly cardSha256: string;
  readonly place: Place;
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly inferMs: number;
}

export interface Refused {
  readonly kind: 'refused';
  readonly reason: Reason;
  readonly message: string;
  readonly queueMs: number;
  readonly decodeMs: number;
  readonly inferMs: number;
}

/** Nobody looked at it, and no time was spent on it. */
export function refuse(reason: Reason, message: string): Refused {
  return { kind: 'refused', reason, message, queueMs: 0, decodeMs: 0, inferMs: 0 };
}
