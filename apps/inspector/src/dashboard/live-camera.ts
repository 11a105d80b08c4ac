import { type CameraState, type LiveCamera, originOf, type Region, type Verdict } from '#contracts';
import { challengeResult } from '../challenge/challenge-result.js';
import { FirstInspections } from './first-inspections.js';
import { LastPictures } from './last-pictures.js';
import { addVerdict, emptyTallies } from './tally.js';

/** Pictures kept for pages that were just told of them: half a second of deltas, and never much memory. */
const PICTURES = { pictures: 5, bytes: 16 * 1024 * 1024 };

/** What is known of a camera from configuration. `roi` in pixels of the upright frame; null = whole frame. */
export interface CameraSetup {
  readonly camera: string;
  readonly recipe: string;
  readonly roi: Region | null;
  readonly deadlineMs: number;
}

/** News of a camera; what is left out stays as it was. Counters are absolute, since the inspector started. */
export interface CameraUpdate {
  readonly camera: string;
  readonly state?: CameraState;
  readonly roi?: Region | null;
  readonly deadlineMs?: number;
  readonly queue?: number;
  readonly p99Ms?: number | null;
  readonly lastInferenceTs?: string | null;
  readonly accepted?: number;
  readonly duplicates?: number;
  readonly gaps?: number;
}

/** Live state of one camera: a few numbers, its last verdict and its last pictures. */
export class CameraBoard {
  readonly pictures = new LastPictures(PICTURES);
  private readonly live: LiveCamera;
  private readonly inspected = new FirstInspections();

  constructor(setup: CameraSetup, inspector: { inspectorId: string; bootId: string; ts: string }) {
    this.live = {
      camera: setup.camera,
      state: startingState(setup, inspector),
      counts: { accepted: 0, duplicates: 0, gaps: 0, late: 0 },
      tallies: emptyTallies(),
      challenges: { caught: 0, missed: 0, void: 0 },
      queue: 0,
      p99Ms: null,
      lastInferenceTs: null,
      roi: setup.roi,
      deadlineMs: setup.deadlineMs,
      lastVerdict: null,
      pictureFrameId: null,
    };
  }

  update({ accepted, duplicates, gaps, camera: _camera, ...rest }: CameraUpdate): void {
    const { live } = this;
    if (accepted !== undefined) live.counts.accepted = accepted;
    if (duplicates !== undefined) live.counts.duplicates = duplicates;
    if (gaps !== undefined) live.counts.gaps = gaps;
    Object.assign(live, Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)));
  }

  /** @returns true when this is the part's first verdict at this camera */
  add(verdict: Verdict): boolean {
    const { live } = this;
    const isFirst = this.inspected.take(verdict.partId);
    addVerdict(live.tallies[originOf(verdict)], verdict, isFirst);
    if (verdict.challenge && !verdict.historical) live.challenges[challengeResult(verdict)] += 1;
    if (verdict.late) live.counts.late += 1;
    if (!verdict.historical) live.lastVerdict = verdict;
    if (isRealInference(verdict) && verdict.ts.decided > (live.lastInferenceTs ?? '')) {
      live.lastInferenceTs = verdict.ts.decided;
    }
    return isFirst;
  }

  /** A copy for a page. Its picture is kept until a few later ones were announced. */
  announce(): LiveCamera {
    this.live.pictureFrameId = this.pictures.announce();
    const { counts, tallies, challenges, ...rest } = this.live;
    // What is counted on is copied; verdict, state and region are replaced and never written to.
    return { ...rest, counts: { ...counts }, challenges: { ...challenges }, tallies: structuredClone(tallies) };
  }
}

function isRealInference(verdict: Verdict): boolean {
  return verdict.score !== null && !verdict.historical;
}

function startingState(
  setup: CameraSetup,
  inspector: { inspectorId: string; bootId: string; ts: string },
): CameraState {
  return {
    schema: 'vision.state/1',
    camera: setup.camera,
    state: 'NOT_READY',
    reason: 'STARTING',
    detail: null,
    model: null,
    recipe: setup.recipe,
    ...inspector,
  };
}
