import type { PartVerdict, PartView, Reason, Verdict, ViewPlace } from '#contracts';
import { bar, forGate } from '../judge.js';
import type { OpenPart, PartArrival } from '../ledger/rows.js';
import type { Holds } from '../state/holds.js';

const WORST_FIRST = ['FAIL', 'INCONCLUSIVE', 'PASS'] as const;

/** Of which views a part consists, and how long after the first of them all must have come. */
export interface PartPlan {
  readonly views: readonly ViewPlace[];
  readonly windowMs: number;
}

/** What kind of part its frames say it is. */
export type PartMarks = Pick<PartVerdict, 'simulated' | 'challenge'>;

export interface PartSitting {
  readonly arrival: PartArrival;
  /** Of its frames: no view may have had a verdict. */
  readonly marks: PartMarks;
  /** Every configured view, in order. */
  readonly plan: readonly ViewPlace[];
  /** Worst verdict of each view that came, by view. */
  readonly seen: ReadonlyMap<string, Verdict>;
  readonly bootId: string;
  readonly decidedTs: string;
  /** Every view came, and the window was over before all of them had their verdict. */
  readonly isLate: boolean;
  /** Why it does not pass though all of its views did; null = it may. */
  readonly barred: Reason | null;
}

/**
 * The worst of the configured views: PASS only if all passed in time and nothing bars it, MISSING_VIEW where one is missing and none failed.
 */
export function judgePart(sitting: PartSitting): PartVerdict {
  const { arrival, marks, plan, seen, bootId, decidedTs, isLate, barred } = sitting;
  const verdicts = plan.flatMap(({ view }) => seen.get(view) ?? []);
  const worst = worstOf(verdicts);
  const isWhole = verdicts.length === plan.length;
  const said = isWhole || worst?.verdict === 'FAIL' ? worst : null;
  const part: PartVerdict = {
    ...unjudgedPart(arrival, { bootId, decidedTs }),
    verdict: said?.verdict ?? 'INCONCLUSIVE',
    reason: said?.reason ?? (isLate ? 'LATE' : 'MISSING_VIEW'),
    defectClass: said?.defectClass ?? null,
    score: verdicts.reduce<number | null>((max, { score }) => (score === null ? max : Math.max(max ?? 0, score)), null),
    views: plan.map((planned) => viewOf(planned, seen.get(planned.view))),
    late: isLate,
    ...marksOf([marks, ...verdicts]),
  };
  return forGate(bar(part, barred), isLate);
}

/** Why a part of these views does not pass now: one of their cameras is off the line. Null where none is. */
export function findHold(
  holds: Pick<Holds, 'refuse'>,
  { views, challenge }: { readonly views: readonly Pick<ViewPlace, 'camera'>[]; readonly challenge: boolean },
): Reason | null {
  return views.flatMap(({ camera }) => holds.refuse({ camera, challenge })?.reason ?? [])[0] ?? null;
}

/** A part that a crash left open, with what its views showed. @param plan null: those that its frames name */
export function interruptedPart(
  { arrival, frames }: OpenPart,
  {
    plan,
    bootId,
    decidedTs,
  }: Pick<PartSitting, 'bootId' | 'decidedTs'> & { readonly plan: PartSitting['plan'] | null },
): PartVerdict {
  const views = plan ?? placesOf(frames);
  const seen = new Map<string, Verdict>();
  for (const frame of frames) {
    const view = findView(views, frame);
    if (view !== null) see(seen, view, frame);
  }
  return {
    ...unjudgedPart(arrival, { bootId, decidedTs }),
    views: views.map((place) => viewOf(place, seen.get(place.view))),
    reason: 'INTERRUPTED',
    late: true,
    ...marksOf(frames),
    historical: true,
  };
}

/** Which of these views a frame shows: by its own word, else by its camera where that has one view. */
export function findView(
  views: readonly ViewPlace[],
  { camera, view }: { readonly camera: string; readonly view: string | null },
): string | null {
  const ofCamera = views.filter((place) => place.camera === camera);
  if (view === null) return ofCamera.length === 1 ? (ofCamera[0]?.view ?? null) : null;
  return ofCamera.find((place) => place.view === view)?.view ?? null;
}

/** One more verdict on a view: the worst of it counts. */
export function see(seen: Map<string, Verdict>, view: string, verdict: Verdict): void {
  const before = seen.get(view);
  seen.set(view, worstOf(before === undefined ? [verdict] : [before, verdict]) ?? verdict);
}

/** Of two verdicts on one view, or of all views: the one that lets least through. The first among equals. */
function worstOf(verdicts: readonly Verdict[]): Verdict | null {
  for (const word of WORST_FIRST) {
    const found = verdicts.find(({ verdict }) => verdict === word);
    if (found !== undefined) return found;
  }
  return null;
}

/** Those that any of these has. */
export function marksOf(marked: readonly PartMarks[]): PartMarks {
  return {
    simulated: marked.some(({ simulated }) => simulated),
    challenge: marked.some(({ challenge }) => challenge),
  };
}

/** The views that these frames name, each by its camera where it names none. */
function placesOf(frames: readonly Verdict[]): ViewPlace[] {
  const places = frames.map(({ camera, view }) => [`${camera}/${view}`, { view: view ?? camera, camera }] as const);
  return [...new Map(places).values()];
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
