import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Freeze } from '#model/backbones/freeze';
import { initHead } from '#model/head';
import type { WeightMap } from '#model/weights/weight-map';
import type { TrainLog } from '../train-log.js';
import type { Example } from './example.js';
import type { Phase } from './fit.js';
import type { JudgedPicture } from './held-out.js';
import { type PhaseRequest, runPhase } from './phase.js';

export interface LearnRequest extends Omit<PhaseRequest, 'frozen' | 'phase' | 'start' | 'judge'> {
  readonly freeze: Freeze;
  readonly phases: { readonly features: Phase; readonly fineTune: Phase };
  readonly pretrained: WeightMap;
  /** Pictures that the finished network judges from their features; none by default. */
  readonly judge?: readonly Example[];
}

export interface Learnt {
  /** Of the whole network. */
  readonly weights: WeightMap;
  /** What it says of validation. */
  readonly heldOut: readonly JudgedPicture[];
  /** What it says of the pictures it was given to judge. */
  readonly judged: readonly JudgedPicture[];
}

/** Transfer learning: the head on frozen features first, then the open blocks with it. */
export async function learn(request: LearnRequest, log: TrainLog): Promise<Learnt> {
  const { plan, known, head, features, cut, freeze, phases, pretrained, judge = [], ...work } = request;
  const common = { ...work, plan, known, head };
  const fresh = initHead(head, known.backbone.featureSize, xoroshiro128plus(plan.seed));
  const extracted = await runPhase(
    { ...common, features, cut: 'embedding', frozen: [], start: fresh, phase: phases.features, judge: [] },
    log,
  );
  const tuned = await runPhase(
    {
      ...common,
      features: { ...features, train: extracted.train },
      cut,
      frozen: cut === 'embedding' ? [] : freeze.frozen,
      start: new Map([...pretrained, ...extracted.weights]),
      phase: phases.fineTune,
      judge,
    },
    log,
  );
  const { heldOut, judged } = tuned;
  return { weights: new Map([...pretrained, ...extracted.weights, ...tuned.weights]), heldOut, judged };
}
