import type { InspectorConfig } from '#config';
import { type Origin, originOf, type Verdict } from '#contracts';
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
  readonly limits: InspectorConfig['alarms'];
  /** Whose parts count. */
  readonly origins: readonly Origin[];
  readonly alarms: Pick<Alarms, 'raise' | 'clear'>;
  /** Scores of good pictures of the model that inspects this camera; null where its card has none. */
  readonly goodScoresOf: (camera: string) => GoodScores | null;
}

/** So many frames in a row with a clock that can be believed end its alarm. */
const CLOCK_CALM = 10;

/** What the watch remembers of one camera. */
interface Post {
  clockOk: number;
  fails: number;
  lastFrameMs: number;
  readonly rejects: SlidingShare | null;
  readonly fewRejects: SlidingShare | null;
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

  constructor(
    private readonly options: QualityOptions,
    nowMs = performance.now(),
  ) {
    this.posts = new Map(options.cameras.map((camera) => [camera, makePost(options.limits, nowMs)]));
  }

  see(verdict: Verdict, nowMs = performance.now()): void {
    const { options } = this;
    const { camera } = verdict;
    const post = this.posts.get(camera);
    if (post === undefined || verdict.historical) return;
    post.lastFrameMs = nowMs;
    this.watchClock(camera, post, verdict);
    if (!options.origins.includes(originOf(verdict))) return;
    this.watchFails(camera, post, verdict);
    const isReject = verdict.verdict !== 'PASS';
    post.rejects?.add(isReject);
    post.fewRejects?.add(isReject);
    this.watchRejects(camera, post);
    keepScore(post, verdict, options.limits.drift?.over ?? 0);
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

  private watchFails(camera: string, post: Post, { verdict }: Verdict): void {
    const { limits, alarms } = this.options;
    const most = limits.failsInARow;
    if (verdict === 'PASS') {
      post.fails = 0;
      alarms.clear('FAILS_IN_A_ROW', camera);
    } else post.fails += Number(verdict === 'FAIL');
    if (most !== null && post.fails >= most) {
      alarms.raise('FAILS_IN_A_ROW', `${most} parts failed in a row. Look at the process, not at the parts.`, camera);
    }
  }

  private watchRejects(camera: string, post: Post): void {
    const { limits, alarms } = this.options;
    const { rejectRate, fewRejects } = limits;
    const rate = post.rejects?.share ?? null;
    if (rejectRate !== null && rate !== null) {
      const message = `More than ${percent(rejectRate.raise)} of the last ${rejectRate.over} parts were FAIL or INCONCLUSIVE.`;
      if (rate > rejectRate.raise) alarms.raise('REJECT_RATE', message, camera);
      else if (rate <= rejectRate.clear) alarms.clear('REJECT_RATE', camera);
    }
    const few = post.fewRejects?.share ?? null;
    if (fewRejects !== null && few !== null) {
      const message = `At most ${percent(fewRejects.raise)} of the last ${fewRejects.over} parts were FAIL or INCONCLUSIVE: suspiciously few. Run a challenge part.`;
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

function makePost({ rejectRate, fewRejects }: QualityOptions['limits'], nowMs: number): Post {
  return {
    clockOk: 0,
    fails: 0,
    lastFrameMs: nowMs,
    rejects: rejectRate && new SlidingShare(rejectRate.over),
    fewRejects: fewRejects && new SlidingShare(fewRejects.over),
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
