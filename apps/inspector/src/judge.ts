import type { Decision, Frame, Reason, Verdict } from '#contracts';
import { decide } from '#model/decide';
import type { Outcome } from './inference/outcome.js';
import type { Timing } from './ingest/camera-clock.js';
import type { Arrival } from './ledger/rows.js';

/** Who judges: named in every verdict. */
export interface Bench {
  readonly bootId: string;
  /** production: simulated and challenge frames never pass. A shadow, whom no gate hears, judges as a simulation does. */
  readonly mode: 'production' | 'simulation';
}

/** A frame with its window: what the ledger accepts. `isStale`: delivered again, its window is long over. */
export function toArrival(frame: Frame, about: { timing: Timing; deadlineMs: number; isStale: boolean }): Arrival {
  const { bytes: _bytes, receivedAt: _receivedAt, ...identity } = frame;
  const { timing, deadlineMs, isStale } = about;
  const endMs = timing.startMs + deadlineMs;
  const validUntilMs = isStale ? Math.min(endMs, Date.parse(frame.receivedTs)) : endMs;
  return {
    ...identity,
    deadlineMs,
    validUntil: new Date(validUntilMs).toISOString(),
    clockSync: timing.clockSync,
    missing: timing.missing,
  };
}

/** Monotonic ms at which the frame's window ends. */
export function expiryOf(frame: Frame, { validUntil }: Arrival): number {
  return frame.receivedAt + Date.parse(validUntil) - Date.parse(frame.receivedTs);
}

export interface Sitting extends Bench {
  readonly arrival: Arrival;
  readonly outcome: Outcome;
  readonly acceptMs: number;
  readonly decidedTs: string;
  /** The window is over. */
  readonly isLate: boolean;
}

/**
 * From scores to the verdict. PASS only by the model's own word, in time, and on a production line never for a
 * simulated or challenge frame; what the model said stays in the scores.
 */
export function judge(sitting: Sitting): Verdict {
  const { arrival, outcome, acceptMs, decidedTs, isLate, bootId } = sitting;
  return {
    ...unjudged(arrival, bootId, decidedTs),
    ...opinion(outcome, sitting),
    late: isLate,
    latencyMs: {
      accept: acceptMs,
      queue: outcome.queueMs,
      decode: outcome.decodeMs,
      infer: outcome.inferMs,
      record: 0,
    },
  };
}

/** What a crash left open: nobody looked at it, the gate has long rejected it. */
export function interrupted(arrival: Arrival, { bootId, decidedTs }: { bootId: string; decidedTs: string }): Verdict {
  return { ...unjudged(arrival, bootId, decidedTs), reason: 'INTERRUPTED', late: true, historical: true };
}

/** What the gate may hear of a frame or part: after the window (`isOver`) never PASS, and what comes then says that it is late. */
export function forGate<Judged extends Pick<Verdict, 'verdict' | 'reason' | 'defectClass' | 'late'>>(
  verdict: Judged,
  isOver: boolean,
): Judged {
  if (!isOver) return verdict;
  const late = { ...verdict, late: true };
  return late.verdict === 'PASS' ? { ...late, verdict: 'INCONCLUSIVE', reason: 'LATE', defectClass: null } : late;
}

/** What the gate hears of a frame or part that something bars from passing, as a camera taken off the line after it was decided. */
export function bar<Judged extends Pick<Verdict, 'verdict' | 'reason'>>(
  verdict: Judged,
  reason: Reason | null,
): Judged {
  return verdict.verdict === 'PASS' && reason !== null ? { ...verdict, verdict: 'INCONCLUSIVE', reason } : verdict;
}

/** What the gate hears of a frame or part whose verdict is not on the disk: nobody could prove it. */
export function unproven<Judged extends Pick<Verdict, 'verdict' | 'reason' | 'defectClass'>>(verdict: Judged): Judged {
  return { ...verdict, verdict: 'INCONCLUSIVE', reason: 'INTERNAL', defectClass: null };
}

function unjudged(arrival: Arrival, bootId: string, decidedTs: string): Verdict {
  return {
    schema: 'vision.verdict/1',
    frameId: arrival.frameId,
    identity: arrival.identity,
    camera: arrival.camera,
    bootId,
    seq: arrival.seq,
    partId: arrival.partId,
    view: arrival.view,
    lot: arrival.lot,
    recipe: arrival.recipe,
    verdict: 'INCONCLUSIVE',
    reason: 'INTERNAL',
    defectClass: null,
    score: null,
    scores: null,
    threshold: null,
    greyZone: null,
    model: null,
    ts: { capture: arrival.captureTs, received: arrival.receivedTs, decided: decidedTs },
    validUntil: arrival.validUntil,
    clockSync: arrival.clockSync,
    latencyMs: { accept: 0, queue: 0, decode: 0, infer: 0, record: 0 },
    deadlineMs: arrival.deadlineMs,
    late: false,
    simulated: arrival.simulated,
    challenge: arrival.challenge,
    historical: false,
    recorded: true,
  };
}

type Opinion = Partial<Verdict> & { readonly verdict: Decision; readonly reason: Reason };

function opinion(outcome: Outcome, { arrival, mode, isLate }: Sitting): Opinion {
  if (outcome.kind === 'refused') return { verdict: 'INCONCLUSIVE', reason: outcome.reason };
  const { card, cardSha256, place, scores, distance } = outcome;
  const model = { id: card.id, cardSha256, ...place };
  const measured = card.guard === null ? [] : [distance];
  if (![...Object.values(scores), ...measured].every(Number.isFinite))
    return { verdict: 'INCONCLUSIVE', reason: 'INTERNAL', model };
  const { good, operatingPoint, guard } = card;
  const judgement = decide({ scores, good, distance }, operatingPoint, guard);
  const { threshold, greyZone } = operatingPoint;
  const novelty = guard === null ? {} : { novelty: { distance: distance ?? 0, limit: guard.limit } };
  const said = { ...judgement, scores: { ...scores }, ...novelty, threshold, greyZone, model };
  if (judgement.verdict !== 'PASS') return said;
  if (isLate) return { ...said, verdict: 'INCONCLUSIVE', reason: 'LATE' };
  const isNoPart = arrival.simulated || arrival.challenge;
  return isNoPart && mode === 'production' ? { ...said, verdict: 'INCONCLUSIVE', reason: 'CHALLENGE' } : said;
}
