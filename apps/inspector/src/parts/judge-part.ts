import type { PartVerdict, PartView, Verdict, ViewPlace } from '#contracts';
import { forGate } from '../judge.js';
import type { PartArrival } from '../ledger/rows.js';

const WORST_FIRST = ['FAIL', 'INCONCLUSIVE', 'PASS'] as const;

/** What kind of part its frames say it is. */
export type PartMarks = Pick<PartVerdict, 'simulated' | 'challenge'>;

export interface PartSitting {
  readonly arrival: PartArrival;
  /** Of its first frame: no view may have had a verdict. */
  readonly marks: PartMarks;
  /** Every configured view, in order. */
  readonly plan: readonly ViewPlace[];
  /** Worst verdict of each view that came, by view. */
  readonly seen: ReadonlyMap<string, Verdict>;
  readonly bootId: string;
  readonly decidedTs: string;
  readonly isLate: boolean;
}

/** The worst of the configured views: PASS only if all passed, MISSING_VIEW where one is missing and none failed. */
export function judgePart({ arrival, marks, plan, seen, bootId, decidedTs, isLate }: PartSitting): PartVerdict {
  const verdicts = plan.flatMap(({ view }) => seen.get(view) ?? []);
  const worst = worstOf(verdicts);
  const isWhole = verdicts.length === plan.length;
  const said = isWhole || worst?.verdict === 'FAIL' ? worst : null;
  const part: PartVerdict = {
    ...unjudgedPart(arrival, { bootId, decidedTs }),
    verdict: said?.verdict ?? 'INCONCLUSIVE',
    reason: said?.reason ?? 'MISSING_VIEW',
    defectClass: said?.defectClass ?? null,
    score: verdicts.reduce<number | null>((max, { score }) => (score === null ? max : Math.max(max ?? 0, score)), null),
    views: plan.map((planned) => viewOf(planned, seen.get(planned.view))),
    late: isLate,
    simulated: [marks, ...verdicts].some(({ simulated }) => simulated),
    challenge: [marks, ...verdicts].some(({ challenge }) => challenge),
  };
  return forGate(part, isLate);
}

/** A part that a crash left open. */
export function interruptedPart(
  arrival: PartArrival,
  { plan, bootId, decidedTs }: Pick<PartSitting, 'plan' | 'bootId' | 'decidedTs'>,
): PartVerdict {
  const views = plan.map((planned) => viewOf(planned, undefined));
  return {
    ...unjudgedPart(arrival, { bootId, decidedTs }),
    views,
    reason: 'INTERRUPTED',
    late: true,
    historical: true,
  };
}

/** Of two verdicts on one view, or of all views: the one that lets least through. The first among equals. */
export function worstOf(verdicts: readonly Verdict[]): Verdict | null {
  for (const word of WORST_FIRST) {
    const found = verdicts.find(({ verdict }) => verdict === word);
    if (found !== undefined) return found;
  }
  return null;
}

function unjudgedPart(arrival: PartArrival, { bootId, decidedTs }: { bootId: string; decidedTs: string }): PartVerdict {
  const { inspection, partId, lot, firstTs, validUntil, deadlineMs } = arrival;
  return {
    schema: 'vision.part/1',
    inspection,
    partId,
    lot,
    bootId,
    verdict: 'INCONCLUSIVE',
    reason: 'INTERNAL',
    defectClass: null,
    score: null,
    views: [],
    ts: { first: firstTs, decided: decidedTs },
    validUntil,
    deadlineMs,
    late: false,
    simulated: false,
    challenge: false,
    historical: false,
    recorded: true,
  };
}

function viewOf({ view, camera }: ViewPlace, verdict: Verdict | undefined): PartView {
  const { frameId = null, reason = null } = verdict ?? {};
  return { view, camera, frameId, verdict: verdict?.verdict ?? null, reason };
}
