import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Backbone } from '#model/backbones/backbone';
import type { ModelCard, Precision } from '#model/card';
import { outputsOf } from '#model/runtime/score-batch';
import { Registry } from '#registry';
import type { BareOrder } from './bare.js';
import { type FrameOrder, makeFrames } from './frames.js';
import { RECIPE } from './inspector-road.js';
import { makeLineModel, renameModel } from './line-model.js';
import type { StationOrder } from './station.js';

const FRAMES = 8;
/** The second is the same under another name: something to swap to. */
export const MODELS = ['bench-1', 'bench-2'] as const;
export const PERSON = 'Bench Person';

/** All that roads of one model share: its registry, its pictures, and what a loop without a registry takes. */
export interface Stage {
  readonly dir: string;
  readonly registry: Registry;
  readonly card: ModelCard;
  readonly frameKb: number;
  readonly bare: Omit<BareOrder, 'kind'>;
  /** Cameras of a road with a station of its own. */
  stationOf(road: string, cameras: number, brokerUrl: string): Omit<StationOrder, 'kind'>;
}

export async function setStage(
  backbone: Backbone,
  order: {
    dir: string;
    frame: Omit<FrameOrder, 'count'>;
    precisions: readonly Precision[];
    side?: number;
  },
): Promise<Stage> {
  const { dir } = order;
  await mkdir(dir, { recursive: true });
  const pictures = await makeFrames({ ...order.frame, count: FRAMES });
  const frames = pictures.map((_, i) => join(dir, `frame-${i}.jpg`));
  await Promise.all(pictures.map((picture, i) => writeFile(frames[i] ?? '', picture)));
  const model = await makeLineModel(backbone, {
    ...order,
    dir: join(dir, 'model'),
    id: MODELS[0],
    frames: pictures,
  });
  await renameModel(model, { dir: join(dir, 'other'), id: MODELS[1] });
  const registry = await Registry.open(join(dir, 'registry'), { create: true });
  for (const folder of ['model', 'other']) await registry.put(join(dir, folder));
  await registry.activate({ id: MODELS[0], recipe: RECIPE, by: PERSON });
  const { card } = model;
  return {
    dir,
    registry,
    card,
    frameKb: pictures.reduce((sum, { byteLength }) => sum + byteLength, 0) / pictures.length / 1024,
    bare: {
      graphFile: model.graphFiles.fp32 ?? '',
      input: card.graph.input,
      outputs: outputsOf(card),
      preprocess: card.preprocess,
      frames,
    },
    stationOf: (road, cameras, brokerUrl) => ({
      brokerUrl,
      station: `bench/site/area/line1/${road}`,
      cameras: Array.from({ length: cameras }, (_, i) => `cam${i + 1}`),
      frames,
    }),
  };
}
