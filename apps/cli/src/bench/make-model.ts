import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { TFJS_FILES } from '#model/artefact';
import type { Backbone } from '#model/backbones/backbone';
import { chooseBackend } from '#model/backend/choose';
import type { ModelCard, Precision } from '#model/card';
import { EMBEDDING_LAYER, type Head, OUTPUT_LAYER } from '#model/head';
import { buildNetwork, PICTURE_INPUT } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { fillModel } from '#model/weights/weight-map';
import { saveTfjs } from '../../../trainer/src/steps/export.js';
import { randomWeights } from './random-weights.js';

const HEAD: Head = { units: [], dropout: 0, labels: 2 };

/** An exported network that learned nothing: as much of an artefact as computing takes. */
export interface BenchModel {
  readonly dir: string;
  readonly card: Pick<ModelCard, 'id' | 'labels' | 'good' | 'graph' | 'files'>;
  readonly graphFiles: Readonly<Partial<Record<Precision, string>>>;
  /** Side of the square picture, pixels. */
  readonly side: number;
}

/** Write a network with random weights of a fixed seed to `dir`. Speed does not depend on what was learned. */
export async function makeModel(backbone: Backbone, dir: string): Promise<BenchModel> {
  await chooseBackend('wasm');
  const side = backbone.inputSize;
  const network = buildNetwork(backbone, HEAD, { height: side, width: side });
  fillModel(network, randomWeights(network, 1));
  const outputs = { probabilities: OUTPUT_LAYER, featureMap: backbone.featureMap, embedding: EMBEDDING_LAYER };
  const { normalise, name: id } = backbone;
  const fp32 = join(dir, 'model.onnx');
  const bytes = exportOnnx({
    model: network,
    normalise,
    inputName: PICTURE_INPUT,
    outputs: Object.values(outputs).map((layer) => ({ name: layer, layer })),
  });
  await mkdir(join(dir, 'tfjs'), { recursive: true });
  await writeFile(fp32, bytes);
  await saveTfjs(network, dir);
  network.dispose();
  const files = Object.fromEntries(Object.values(TFJS_FILES).map((file) => [file, '']));
  const graph = { input: PICTURE_INPUT, outputs, normalise };
  return { dir, card: { id, labels: ['good', 'defect'], good: 'good', graph, files }, graphFiles: { fp32 }, side };
}
