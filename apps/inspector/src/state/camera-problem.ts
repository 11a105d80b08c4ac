import type { NotReadyReason } from '#contracts';
import type { Lineup, Problem } from '../inference/lineup.js';
import type { Ingest } from '../mqtt/ingest.js';
import type { Publisher } from '../mqtt/publisher.js';
import { sayRefusals } from '../mqtt/refusals.js';
import type { Recipes } from '../recipes.js';
import { type CameraClaims, LIFE_MS } from './camera-claims.js';
import type { Holds } from './holds.js';

/** Reasons that hold for the whole inspector, the weightiest first. */
const OVERALL = ['STOPPING', 'STARTING', 'LEDGER', 'DISK', 'BROKER'] as const satisfies NotReadyReason[];
export type OverallReason = (typeof OVERALL)[number];

/**
 * A topic that only a frame makes us speak on is believed to be mended so long after its last refusal, ms: a line that waits
 * for READY would never ask again.
 */
const TRY_AGAIN_MS = 60_000;
/** Longest that subscribing to the frames takes when all is well, ms. */
const SUBSCRIBE_MS = 5_000;

/** Whom a camera's state depends on. */
export interface Surroundings {
  readonly recipes: Pick<Recipes, 'byCamera'>;
  readonly publisher: Pick<Publisher, 'refused'>;
  readonly ingest: Pick<Ingest, 'isUp'>;
  readonly lineup: Pick<Lineup, 'problemOf'>;
  readonly claims: Pick<CameraClaims, 'holderOf'>;
  readonly holds: Pick<Holds, 'of'>;
}

/** What the inspector knows of itself. */
export interface Standing {
  readonly overall: ReadonlyMap<OverallReason, string>;
  /** The camera is this inspector's, since the broker is there. */
  readonly isHeld: boolean;
  /** Since when the broker is there, monotonic ms. */
  readonly settledAt: number;
}

/** Why a camera is not inspected right now, the weightiest reason; null when it is. */
export function problemOf(
  camera: string,
  around: Surroundings,
  { overall, isHeld, settledAt }: Standing,
): Problem | null {
  // Before all else: what is wrong with us is no news on a camera that another inspector has.
  const holder = around.claims.holderOf(camera, isHeld);
  if (holder !== null) {
    const detail = `Inspector ${holder.inspectorId} (boot ${holder.bootId}) inspects this camera, or did when the broker was told last. Stop one of the two; one that gives no sign of life loses it within ${LIFE_MS / 1_000} s.`;
    return { reason: 'CAMERA_TAKEN', detail };
  }
  for (const reason of OVERALL) {
    const detail = overall.get(reason);
    if (detail !== undefined) return { reason, detail };
  }
  const unheard = around.publisher.refused.find(
    ({ isForGate, camera: whose, atMs }) =>
      isForGate && (whose ?? camera) === camera && performance.now() - atMs < TRY_AGAIN_MS,
  );
  if (unheard !== undefined) return { reason: 'BROKER', detail: sayRefusals([unheard]) };
  const hold = around.holds.of(camera);
  if (hold !== null) return hold;
  if (!around.ingest.isUp) return whyNoFrames(settledAt);
  const recipe = around.recipes.byCamera.get(camera);
  return recipe === undefined ? { reason: 'NO_RECIPE', detail: 'No recipe.' } : around.lineup.problemOf(recipe);
}

/** Subscribing takes a moment after every connection; who then still waits is refused. */
function whyNoFrames(settledAt: number): Problem {
  return performance.now() - settledAt < SUBSCRIBE_MS
    ? { reason: 'STARTING', detail: 'Subscribing to the frames.' }
    : { reason: 'BROKER', detail: 'Not subscribed to the frames: see the log.' };
}
