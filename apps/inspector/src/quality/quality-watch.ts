import type { InspectorConfig } from '#config';
import { type Decision, type Origin, originOf, type PartVerdict, type Verdict } from '#contracts';
import type { GoodScores } from '#model/card';
import { measureDrift } from '#model/drift';
import type { Alarms } from '../state/alarms.js';
import { SlidingShare } from './sliding-share.js';

/** Whose parts tell of a line's quality. A shadow listens beside real lines and simulated ones. */
export const WATCHED: Readonly<Record<InspectorConfig['inspector']['mode'], readonly Origin[]>> = {
  production: ['line'],
  simulation: ['simulated'],
  shadow: ['line', 'simulated'],
};

export interface QualityOptions {
  readonly cameras: readonly string[];
  /** The gate acts on parts of several views: these are watched too, and what a camera sees is a view. */
  readonly hasParts: boolean;
  readonly limits: InspectorConfig['alarms'];
  /** Whose parts count. */
  readonly origins: readonly Origin[];
  readonly alarms: Pick<Alarms, 'raise' | 'clear'>;
  /** Scores of good pictures of the model that inspects this camera; null where its card has none. */
  readonly goodScoresOf: (camera: string) => GoodScores | null;
}

/** So many frames in a row with a clock that can be believed end its alarm. */
const CLOCK_CALM = 10;

/** What became of the last parts, or of the views of one camera. */
interface Outcomes {
  fails: number;
  readonly rejects: SlidingShare | null;
  readonly fewRejects: SlidingShare | null;
}

/** What the watch remembers of one camera. */
interface Post {
  readonly outcomes: Outcomes;
  clockOk: number;
  lastFrameMs: number;
  scores: number[];
  modelId: string | null;
  isScoreNew: boolean;
  isDrifted: boolean;
}

/**
 * Watches what verdicts say about the line itself: fails in a row, too many rejects, suspiciously few, silence, clocks
 * that are off, scores that drift. An alarm begins at one limit and ends at another, so that it does not flicker in between.
 */
export class QualityWatch {
  private readonly posts: ReadonlyMap<string, Post>;
  private readonly parts: Outcomes;

  constructor(
    private readonly options: QualityOptions,
    nowMs = performance.now(),
  ) {
    this.posts = new Map(options.cameras.map((camera) => [camera, makePost(options.limits, nowMs)]));
    this.parts = makeOutcomes(options.limits);
  }

  see(verdict: Verdict, nowMs = performance.now()): void {
    const { options } = this;
    const { camera } = verdict;
    const post = this.posts.get(camera);
    if (post === undefined || verdict.historical) return;
    post.lastFrameMs = nowMs;
    this.watchClock(camera, post, verdict);
    if (!options.origins.includes(originOf(verdict))) return;
    this.watchOutcome(camera, post.outcomes, verdict.verdict);
    keepScore(post, verdict, options.limits.drift?.over ?? 0);
  }

  /** A part of several views has its verdict: where one is missing, no camera's verdicts show it. */
  seePart(part: PartVerdict): void {
    if (part.historical || !this.options.origins.includes(originOf(part))) return;
    this.watchOutcome(null, this.parts, part.verdict);
  }

  /** What no single verdict shows. Every second. */
  look(nowMs = performance.now()): void {
    const { limits, alarms } = this.options;
    for (const [camera, post] of this.posts) {
      const { silenceMs } = limits;
      if (silenceMs !== null) {
        const isSilent = nowMs - post.lastFrameMs > silenceMs;
        const message = `No frame for more than ${silenceMs / 1_000} s: camera, trigger or line stands still.`;
        if (isSilent) alarms.raise('SILENCE', message, camera);
        else alarms.clear('SILENCE', camera);
      }
      this.watchDrift(camera, post);
    }
  }

  private watchClock(camera: string, post: Post, { clockSync }: Verdict): void {
    if (clockSync === 'none') return;
    const { alarms } = this.options;
    post.clockOk = clockSync === 'ok' ? post.clockOk + 1 : 0;
    const message =
      'Its clock is off, or it says no capture time: windows start at arrival instead. Synchronise camera and inspector, or set clockSync to false.';
    if (clockSync === 'off') alarms.raise('CLOCK', message, camera);
    else if (post.clockOk >= CLOCK_CALM) alarms.clear('CLOCK', camera);
  }

  /** @param camera whose views these are; null = parts of several views */
  private watchOutcome(camera: string | null, outcomes: Outcomes, verdict: Decision): void {
    const units = this.options.hasParts && camera !== null ? 'views' : 'parts';
    const isReject = verdict !== 'PASS';
    outcomes.fails = isReject ? outcomes.fails + Number(verdict === 'FAIL') : 0;
    outcomes.rejects?.add(isReject);
    outcomes.fewRejects?.add(isReject);
    this.watchFails(camera, outcomes, units);
    this.watchRejects(camera, outcomes, units);
  }

  private watchFails(camera: string | null, { fails }: Outcomes, units: string): void {
    const { limits, alarms } = this.options;
    const most = limits.failsInARow;
    if (fails === 0) alarms.clear('FAILS_IN_A_ROW', camera);
    if (most === null || fails < most) return;
    alarms.raise('FAILS_IN_A_ROW', `${most} ${units} failed in a row. Look at the process, not at the parts.`, camera);
  }

  private watchRejects(camera: string | null, outcomes: Outcomes, units: string): void {
    const { limits, alarms } = this.options;
    const { rejectRate, fewRejects } = limits;
    const rate = outcomes.rejects?.share ?? null;
    if (rejectRate !== null && rate !== null) {
      const message = `More than ${percent(rejectRate.raise)} of the last ${rejectRate.over} ${units} were FAIL or INCONCLUSIVE.`;
      if (rate > rejectRate.raise) alarms.raise('REJECT_RATE', message, camera);
      else if (rate <= rejectRate.clear) alarms.clear('REJECT_RATE', camera);
    }
    const few = outcomes.fewRejects?.share ?? null;
    if (fewRejects !== null && few !== null) {
      const message = `At most ${percent(fewRejects.raise)} of the last ${fewRejects.over} ${units} were FAIL or INCONCLUSIVE: suspiciously few. Run a challenge part.`;
      if (few <= fewRejects.raise) alarms.raise('FEW_REJECTS', message, camera);
      else if (few > fewRejects.clear) alarms.clear('FEW_REJECTS', camera);
    }
  }

  private watchDrift(camera: string, post: Post): void {
    const { alarms, goodScoresOf, limits } = this.options;
    const { drift } = limits;
    if (drift === null || !post.isScoreNew || post.scores.length < drift.over) return;
    post.isScoreNew = false;
    const reference = goodScoresOf(camera);
    if (reference === null) return;
    const { distance, chance } = measureDrift(post.scores, reference);
    // With few pictures in validation chance alone moves the distance: then it takes more.
    if (distance > Math.max(drift.raise, chance)) post.isDrifted = true;
    else if (distance <= Math.max(drift.clear, chance)) post.isDrifted = false;
    const message = `The last ${drift.over} scores are not those of the good pictures the threshold was chosen on (distance above ${drift.raise}). Check light, lens and parts; train again if they changed for good.`;
    if (post.isDrifted) alarms.raise('DRIFT', message, camera);
    else alarms.clear('DRIFT', camera);
  }
}

function makeOutcomes({ rejectRate, fewRejects }: QualityOptions['limits']): Outcomes {
  return {
    fails: 0,
    rejects: rejectRate && new SlidingShare(rejectRate.over),
    fewRejects: fewRejects && new SlidingShare(fewRejects.over),
  };
}

function makePost(limits: QualityOptions['limits'], nowMs: number): Post {
  return {
    outcomes: makeOutcomes(limits),
    clockOk: 0,
    lastFrameMs: nowMs,
    scores: [],
    modelId: null,
    isScoreNew: false,
    isDrifted: false,
  };
}

/** Scores of one model only: another one's lie elsewhere. */
function keepScore(post: Post, { score, model }: Verdict, most: number): void {
  if (score === null || model === null) return;
  if (post.modelId !== model.id) post.scores = [];
  post.modelId = model.id;
  post.scores.push(score);
  if (post.scores.length > most) post.scores.shift();
  post.isScoreNew = true;
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(3))} %`;
}
