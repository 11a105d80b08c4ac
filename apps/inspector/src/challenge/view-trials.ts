import type { Verdict } from '#contracts';
import { findView, type PartPlan } from '../parts/judge-part.js';
import { challengeResult } from './challenge-result.js';

/** Trials under way at most; a camera that calls every part a challenge fills no memory. */
const MOST = 1_000;

export interface ViewTrialsOptions {
  /** Null where the gate acts on the cameras' own verdicts. */
  readonly plan: PartPlan | null;
  /** @param verdict the last one that let the part through */
  readonly onMissed: (verdict: Verdict) => void;
}

interface Trial {
  readonly seen: Set<string>;
  missed: Verdict | null;
  isCaught: boolean;
  readonly timer: NodeJS.Timeout;
}

/**
 * Whether a camera misses a challenge part. Where it takes several views of each, a defect shows in one of them and the
 * others are right to pass: the part is missed where a view lets it through and none catches it, when all of them have
 * their verdict or the part's window is over. Any other camera has missed it with the first picture that passes.
 */
export class ViewTrials {
  /** By camera and part, the oldest first. */
  private readonly trials = new Map<string, Trial>();

  constructor(private readonly options: ViewTrialsOptions) {}

  /** @param verdict on a frame of a challenge part */
  add(verdict: Verdict): void {
    const { plan, onMissed } = this.options;
    const { camera, partId } = verdict;
    const views = plan?.views.filter((place) => place.camera === camera) ?? [];
    const view = findView(views, verdict);
    const result = challengeResult(verdict);
    if (plan === null || views.length < 2 || view === null || partId === null) {
      if (result === 'missed') onMissed(verdict);
      return;
    }
    const key = JSON.stringify([camera, partId]);
    const trial = this.trials.get(key) ?? this.begin(key, plan.windowMs + verdict.deadlineMs);
    trial.seen.add(view);
    if (result === 'caught') trial.isCaught = true;
    if (result === 'missed') trial.missed = verdict;
    if (trial.seen.size === views.length) this.settle(trial);
  }

  /** Until its window is over: a view may be photographed again. */
  private begin(key: string, windowMs: number): Trial {
    const timer = setTimeout(() => this.end(key), windowMs);
    timer.unref();
    const trial: Trial = { seen: new Set(), missed: null, isCaught: false, timer };
    this.trials.set(key, trial);
    const [oldest] = this.trials.keys();
    if (this.trials.size > MOST && oldest !== undefined) this.end(oldest);
    return trial;
  }

  private end(key: string): void {
    const trial = this.trials.get(key);
    if (trial === undefined) return;
    clearTimeout(trial.timer);
    this.trials.delete(key);
    this.settle(trial);
  }

  private settle(trial: Trial): void {
    const { missed, isCaught } = trial;
    trial.missed = null;
    if (missed !== null && !isCaught) this.options.onMissed(missed);
  }
}
