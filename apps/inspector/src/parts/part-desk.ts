import { inspectionOf, type Verdict } from '#contracts';
import { dropOldest } from '../drop-oldest.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Arrival, PartArrival } from '../ledger/rows.js';
import { onOurClock } from '../our-clock.js';
import type { Recipes } from '../recipes.js';
import type { Alarms } from '../state/alarms.js';
import {
  findHold,
  findView,
  interruptedPart,
  judgePart,
  marksOf,
  type PartMarks,
  type PartPlan,
  see,
} from './judge-part.js';
import { PartDelivery, type PartDeliveryOptions } from './part-delivery.js';
import type { ViewPictures } from './view-pictures.js';
import { ViewWatch } from './view-watch.js';

/** Finished parts remembered, so that a view that comes too late starts no second inspection. */
const REMEMBERED = 10_000;

export interface PartDeskOptions extends Omit<PartDeliveryOptions, 'ledger' | 'pictures'> {
  readonly bootId: string;
  /** Null where the gate acts on the cameras' own verdicts. */
  readonly plan: PartPlan | null;
  readonly recipes: Pick<Recipes, 'areOfOneProduct'>;
  readonly ledger: Pick<Ledger, 'openPart' | 'closePart' | 'overtake' | 'openParts' | 'lastParts'>;
  readonly pictures: Pick<ViewPictures, 'hold' | 'settle'>;
  readonly alarms: Pick<Alarms, 'raise' | 'clear'>;
}

/** An inspection that is over. */
interface Finished {
  /** Those that came in time, some maybe without a verdict. */
  readonly views: ReadonlySet<string>;
  /** Monotonic ms at which its window ended. */
  readonly endedAt: number;
}

interface Window {
  /** Monotonic ms. */
  readonly startedAt: number;
  readonly expiresAt: number;
  readonly validUntil: string;
}

interface OpenPart {
  readonly arrival: PartArrival;
  /** Of all its frames. */
  marks: PartMarks;
  /** Of its earliest view. */
  window: Window;
  timer: NodeJS.Timeout;
  /** Views by the frames of this inspection without a verdict: the part fed again meanwhile has others. */
  readonly awaited: Map<string, string>;
  readonly seen: Map<string, Verdict>;
  /** What judged its frames. */
  readonly recipes: Set<string>;
}

/**
 * Brings the views of a part together: one verdict per part, the worst of its configured views, when every view is
 * there and every frame of it has its verdict, or the window is over. Recorded before it is published, as every verdict is.
 */
export class PartDesk {
  private readonly open = new Map<string, OpenPart>();
  /** By part, the last inspection of each. */
  private readonly finished = new Map<string, Finished>();
  private readonly closing = new Set<Promise<void>>();
  private readonly watch: ViewWatch;
  private readonly delivery: PartDelivery;

  constructor(private readonly options: PartDeskOptions) {
    this.watch = new ViewWatch(options.alarms);
    this.delivery = new PartDelivery(options);
  }

  /** Close what a crash left open, and know the last parts again. Before the first frame. */
  async recover(): Promise<void> {
    const { ledger, plan, bootId } = this.options;
    const about = { plan: plan?.views ?? null, bootId, decidedTs: new Date().toISOString() };
    const left = await ledger.openParts();
    await Promise.all(left.map((part) => ledger.closePart(interruptedPart(part, about))));
    if (plan === null) return;
    for (const { partId, views, validUntil } of await ledger.lastParts(REMEMBERED)) {
      this.finished.delete(partId);
      this.remember(partId, { views: new Set(views), endedAt: onOurClock(Date.parse(validUntil), plan.windowMs) });
    }
  }

  /** A frame was accepted: the window of its part begins with its first view. */
  arrive(arrival: Arrival): void {
    const { plan, counters, ledger, onLedgerRefused } = this.options;
    if (plan === null) return;
    const { partId, frameId, camera, lot, receivedTs, simulated, challenge } = arrival;
    const view = this.viewOf(arrival);
    const isOfPart = partId !== null && view !== null;
    if (plan.views.some((planned) => planned.camera === camera)) this.watch.seeFrame(camera, isOfPart);
    if (!isOfPart) {
      counters.count('frames_of_no_part', { camera });
      return;
    }
    const window = windowOf(arrival, plan.windowMs);
    const begun = this.open.get(partId);
    if (begun !== undefined) {
      begun.awaited.set(frameId, view);
      begun.marks = marksOf([begun.marks, arrival]);
      if (window.expiresAt < begun.window.expiresAt) this.shorten(begun, window);
      return;
    }
    const before = this.finished.get(partId);
    if (before !== undefined && isOfBefore(arrival, { before, view, window })) {
      // The part had its verdict without this view: there is no second one.
      counters.count('views_late', { camera });
      return;
    }
    this.finished.delete(partId);
    const part = {
      inspection: inspectionOf(frameId),
      partId,
      lot,
      firstTs: receivedTs,
      validUntil: window.validUntil,
      deadlineMs: plan.windowMs,
    };
    this.open.set(partId, {
      arrival: part,
      marks: { simulated, challenge },
      window,
      timer: this.endAfter(window, partId),
      awaited: new Map([[frameId, view]]),
      seen: new Map(),
      recipes: new Set(),
    });
    // Not awaited: the ledger takes calls in order, so it knows of the part before any verdict on it.
    ledger.openPart(part).catch((error: unknown) => onLedgerRefused(error, part.inspection));
  }

  /** A view has its verdict, as the gate may hear it. @param bytes its picture, as it came */
  add(verdict: Verdict, bytes: Uint8Array): void {
    const { partId, frameId } = verdict;
    const part = partId === null ? undefined : this.open.get(partId);
    const view = this.viewOf(verdict);
    if (partId === null || part?.awaited.has(frameId) !== true || view === null || verdict.historical) return;
    part.awaited.delete(frameId);
    this.options.pictures.hold(part.arrival.inspection, verdict, bytes);
    see(part.seen, view, verdict);
    part.recipes.add(verdict.recipe);
    // Another picture of a view may be the one that fails.
    const isWhole = part.seen.size === this.options.plan?.views.length && part.awaited.size === 0;
    if (isWhole) this.end(partId);
  }

  /** Parts that are begun get their verdict now, with what is there. */
  async drain(): Promise<void> {
    for (const partId of [...this.open.keys()]) this.finish(partId);
    await Promise.all(this.closing);
  }

  /** No product has all the recipes that judged its frames. */
  private recipesDiffer({ recipes }: OpenPart): boolean {
    return recipes.size > 0 && !this.options.recipes.areOfOneProduct([...recipes]);
  }

  /** A view that was longer on its way than the first one: nobody makes it fresher. */
  private shorten(part: OpenPart, window: Window): void {
    clearTimeout(part.timer);
    part.window = window;
    part.timer = this.endAfter(window, part.arrival.partId);
  }

  private endAfter({ expiresAt }: Window, partId: string): NodeJS.Timeout {
    return setTimeout(() => this.end(partId), Math.max(0, expiresAt - performance.now()));
  }

  private viewOf(frame: Pick<Arrival, 'camera' | 'view'>): string | null {
    return findView(this.options.plan?.views ?? [], frame);
  }

  /** The part is whole, or its window over. */
  private end(partId: string): void {
    const part = this.open.get(partId);
    const here = part === undefined ? new Set() : viewsHere(part);
    this.watch.seePart(this.options.plan?.views.filter(({ view }) => !here.has(view)) ?? []);
    if (part !== undefined) this.watch.seeRecipes([...part.seen.values()], this.recipesDiffer(part));
    this.finish(partId);
  }

  private finish(partId: string): void {
    const { plan, bootId, holds } = this.options;
    const part = this.open.get(partId);
    if (part === undefined || plan === null) return;
    clearTimeout(part.timer);
    this.open.delete(partId);
    const { marks, seen, awaited } = part;
    const { expiresAt, validUntil } = part.window;
    const views = viewsHere(part);
    this.remember(partId, { views, endedAt: expiresAt });
    const isOver = awaited.size > 0 || performance.now() > expiresAt;
    const isLate = views.size === plan.views.length && isOver;
    const decidedTs = new Date().toISOString();
    const held = findHold(holds, { views: plan.views, ...marks });
    const barred = held ?? (this.recipesDiffer(part) ? 'RECIPES_DIFFER' : null);
    const arrival = { ...part.arrival, validUntil };
    const verdict = judgePart({ arrival, marks, plan: plan.views, seen, bootId, decidedTs, isLate, barred });
    const closing = this.delivery.deliver(verdict, expiresAt).finally(() => this.closing.delete(closing));
    this.closing.add(closing);
  }

  private remember(partId: string, inspection: Finished): void {
    this.finished.set(partId, inspection);
    dropOldest(this.finished, REMEMBERED);
  }
}

/**
 * A view of an inspection that is over, and not of the part fed again: one that it lacked and that was not on its way for
 * longer than its own deadline, or any whose window was over when it came, as where it was sent again.
 */
function isOfBefore(
  { validUntil, receivedTs, deadlineMs }: Arrival,
  { before, view, window }: { before: Finished; view: string; window: Window },
): boolean {
  if (Date.parse(validUntil) <= Date.parse(receivedTs)) return true;
  return !before.views.has(view) && window.startedAt <= before.endedAt + deadlineMs;
}

function windowOf({ validUntil, deadlineMs }: Arrival, windowMs: number): Window {
  const startMs = Date.parse(validUntil) - deadlineMs;
  const startedAt = onOurClock(startMs, 0);
  return { startedAt, expiresAt: startedAt + windowMs, validUntil: new Date(startMs + windowMs).toISOString() };
}

/** Those that came. */
function viewsHere({ seen, awaited }: Pick<OpenPart, 'seen' | 'awaited'>): Set<string> {
  return new Set([...seen.keys(), ...awaited.values()]);
}
