import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Freeze } from '#model/backbones/freeze';
import { initHead } from '#model/head';
import type { WeightMap } from '#model/weights/weight-map';
import { HARDEST_TILES } from '../plan/settle.js';
import type { TrainLog } from '../train-log.js';
import { chooseTiles } from './choose-tiles.js';
import type { Example } from './example.js';
import type { Phase } from './fit.js';
import { type PhaseRequest, runPhase } from './phase.js';
import type { JudgedPicture } from './worst-tile.js';

export interface LearnRequest extends Omit<PhaseRequest, 'frozen' | 'phase' | 'start' | 'judge' | 'ask'> {
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

/**
 * Transfer learning: the head on frozen features first, then the open blocks with it. Where pictures are cut into tiles,
 * heads on frozen features have first chosen which of them teach.
 */
export async function learn(request: LearnRequest, log: TrainLog): Promise<Learnt> {
  const { plan, known, head, features, cut, freeze, phases, pretrained, judge = [], ...work } = request;
  const common = { ...work, plan, known, head };
  const fresh = initHead(head, known.backbone.featureSize, xoroshiro128plus(plan.seed));
  const onEmbeddings = { ...common, cut: 'embedding', frozen: [], start: fresh, phase: phases.features } as const;
  const teach = async (tiles: readonly Example[], pass: number): Promise<Float32Array> => {
    const plain = tiles.map((tile) => ({ ...tile, records: [tile.plain] }));
    const name = `tiles${pass}`;
    const { thoughts } = await runPhase(
      {
        ...{ ...onEmbeddings, features: { ...features, train: plain, draw: null } },
        ...{ checkpoints: work.checkpoints.part(name), judge: [], ask: plain },
      },
      log.part(name),
    );
    return thoughts;
  };
  const train = await chooseTiles(features.train, { labels: head.labels, teach });
  if (train.length < features.train.length)
    log.step(
      'tiles',
      `${train.length} of ${features.train.length} training tiles teach: the worst of defective pictures, the worst ${HARDEST_TILES} of good ones`,
    );
  const chosen = { ...features, train };
  const extracted = await runPhase({ ...onEmbeddings, features: chosen, judge: [], ask: [] }, log);
  const tuned = await runPhase(
    {
      ...common,
      features: chosen,
      cut,
      frozen: cut === 'embedding' ? [] : freeze.frozen,
      start: new Map([...pretrained, ...extracted.weights]),
      phase: phases.fineTune,
      judge,
      ask: [],
    },
    log,
  );
  const { heldOut, judged } = tuned;
  return { weights: new Map([...pretrained, ...extracted.weights, ...tuned.weights]), heldOut, judged };
}
