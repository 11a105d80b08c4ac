import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TFJS_FILES } from '#model/artefact';
import type { Backbone } from '#model/backbones/backbone';
import { chooseBackend } from '#model/backend/choose';
import type { Guard, ModelCard, Precision } from '#model/card';
import { DISTANCE_LAYER, GUARD_LAYERS } from '#model/guard/layers';
import { guardedLayer } from '#model/guard/pooled-base';
import type { Head } from '#model/head';
import { buildNetwork } from '#model/network';
import { watchRanges } from '#model/onnx/calibration';
import { buildGraph, type NetworkGraph } from '#model/onnx/export';
import { toHalf } from '#model/onnx/half';
import { quantise } from '#model/onnx/quantise';
import { chooseQuantised } from '#model/onnx/quantised-parts';
import type { PictureBatch } from '#model/runtime/session';
import { formulaPicture } from '#model/weights/formula';
import { fillModel } from '#model/weights/weight-map';
import { GRAPH_FILES, graphOf, saveTfjs } from '../../../trainer/src/steps/export.js';
import { formulaWeights } from './formula-weights.js';

const GUARD: Guard = {
  output: DISTANCE_LAYER,
  limit: 1,
  falseAlarm: 0,
  heldOut: { pictures: 0, groups: 0, beyond: 0 },
};

const HEAD: Head = { units: [], dropout: 0, labels: 2 };

/** An exported network that learned nothing: as much of an artefact as computing takes. */
export interface BenchModel {
  readonly dir: string;
  readonly card: Pick<ModelCard, 'id' | 'labels' | 'good' | 'graph' | 'guard' | 'files'>;
  readonly graphFiles: Readonly<Partial<Record<Precision, string>>>;
  /** Side of the square picture, pixels. */
  readonly side: number;
}

/**
 * Write a network with weights by formula to `dir`: a graph in each precision, and the tfjs files. Speed does
 * not depend on what was learned.
 */
export async function makeModel(
  backbone: Backbone,
  {
    dir,
    precisions,
    isGuarded = false,
    side = backbone.inputSize,
  }: { dir: string; precisions: readonly Precision[]; isGuarded?: boolean; side?: number },
): Promise<BenchModel> {
  await chooseBackend('wasm');
  const network = buildNetwork(backbone, HEAD, {
    height: side,
    width: side,
    guardAt: isGuarded ? guardedLayer(backbone, 'embedding') : null,
  });
  fillModel(network, formulaWeights(network));
  const graph = graphOf(backbone);
  const fp32 = buildGraph({
    model: network,
    normalise: backbone.normalise,
    inputName: graph.input,
    outputs: [...Object.values(graph.outputs), ...(isGuarded ? [DISTANCE_LAYER] : [])].map((layer) => ({
      name: layer,
      layer,
    })),
    exact: GUARD_LAYERS,
  });
  await mkdir(join(dir, 'tfjs'), { recursive: true });
  await saveTfjs(network, dir);
  network.dispose();
  const graphFiles: Partial<Record<Precision, string>> = {};
  for (const precision of precisions) {
    const made = await convert(fp32, { precision, side });
    const file = join(dir, GRAPH_FILES[precision]);
    await writeFile(file, made.graph.write(made.header));
    graphFiles[precision] = file;
  }
  const files = Object.fromEntries(Object.values(TFJS_FILES).map((file) => [file, '']));
  const guard = isGuarded ? GUARD : null;
  const card = { id: backbone.name, labels: ['good', 'defect'], good: 'good', graph, guard, files };
  return { dir, card, graphFiles, side };
}

/** As training does it; int8 by its first try, but for the biases, which cost no time. */
async function convert(
  fp32: NetworkGraph,
  { precision, side }: { precision: Precision; side: number },
): Promise<NetworkGraph> {
  switch (precision) {
    case 'fp32':
      return fp32;
    case 'fp16':
      return toHalf(fp32);
    case 'int8': {
      const parts = chooseQuantised(fp32, new Set());
      const values = [...parts.values.keys()];
      const ranges = await watchRanges(fp32, { values, pictures: twoPictures(side) });
      return quantise(fp32, { parts, ranges, weights: 'narrow' });
    }
  }
}

/** Slopes with noise, and their negative: any ranges will do. */
function twoPictures(side: number): PictureBatch[] {
  const data = formulaPicture(side);
  return [data, data.map((byte) => 255 - byte)].map((one) => ({ data: one, count: 1, height: side, width: side }));
}
