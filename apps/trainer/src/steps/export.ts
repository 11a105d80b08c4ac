import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { io } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { DependencyError, InvariantError, messageOf } from '#contracts';
import { type Artefact, TFJS_FILES } from '#model/artefact';
import type { Backbone } from '#model/backbones/backbone';
import type { ModelCard, Normalise, Precision, Preprocess } from '#model/card';
import { GUARD_LAYERS } from '#model/guard/layers';
import { EMBEDDING_LAYER, type Head, OUTPUT_LAYER } from '#model/head';
import { buildNetwork, PICTURE_INPUT } from '#model/network';
import { buildGraph, type NetworkGraph } from '#model/onnx/export';
import { readNetwork } from '#model/runtime/read-network';
import type { StoredWeights } from '#model/weights/record';
import { fillModel, type WeightMap } from '#model/weights/weight-map';
import { writeWhole } from '../write-whole.js';
import type { LearntGuard } from './guard.js';

/** The exported graphs as the card describes them; their outputs are named after the layers they tap. */
export function graphOf({ featureMap, normalise }: Pick<Backbone, 'featureMap' | 'normalise'>): ModelCard['graph'] {
  return {
    input: PICTURE_INPUT,
    outputs: { probabilities: OUTPUT_LAYER, featureMap, embedding: EMBEDDING_LAYER },
    normalise,
  };
}
/** One graph per precision. */
export const GRAPH_FILES: Readonly<Record<Precision, string>> = {
  fp32: 'model.onnx',
  fp16: 'model.fp16.onnx',
  int8: 'model.int8.onnx',
};

export interface ExportRequest {
  readonly known: StoredWeights;
  /** Every weight of the network: the base's and the fitted ones over them. */
  readonly weights: WeightMap;
  readonly head: Head;
  readonly guard: LearntGuard | null;
  readonly preprocess: Preprocess;
}

export interface WriteRequest {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  /** Layers whose values the graph gives. */
  readonly outputs: readonly string[];
  /** Layers computed in float32 in every precision. */
  readonly exact: readonly string[];
}

/** Fill a network and write it down as an ONNX graph in memory. */
function toGraph(network: LayersModel, { known, weights, outputs, exact }: WriteRequest): NetworkGraph {
  fillModel(network, weights);
  return graphFrom(network, { normalise: known.backbone.normalise, outputs, exact });
}

function graphFrom(
  model: LayersModel,
  { outputs, ...how }: Pick<WriteRequest, 'outputs' | 'exact'> & { readonly normalise: Normalise },
): NetworkGraph {
  const taps = outputs.map((layer) => ({ name: layer, layer }));
  return buildGraph({ model, inputName: PICTURE_INPUT, outputs: taps, ...how });
}

/** The whole trained network, as tfjs layers and as an ONNX graph. The caller disposes the layers. */
export function assembleNetwork({ known, weights, head, guard, preprocess }: ExportRequest): {
  network: LayersModel;
  graph: NetworkGraph;
} {
  const network = buildNetwork(known.backbone, head, { ...preprocess.resize, guardAt: guard?.layer ?? null });
  const outputs = [...Object.values(graphOf(known.backbone).outputs), ...(guard === null ? [] : [guard.card.output])];
  const all = new Map([...weights, ...(guard?.weights ?? [])]);
  return { network, graph: toGraph(network, { known, weights: all, outputs, exact: GUARD_LAYERS }) };
}

/**
 * Write the whole trained network to `dir` as ONNX and as a tfjs layers model.
 * @returns the network as it was trained, to compare the files with; the caller disposes it; and the graph, for other precisions
 * @throws DependencyError EXPORT_FAILED when the directory cannot be written
 */
export async function exportNetwork(
  dir: string,
  request: ExportRequest,
): Promise<{ network: LayersModel; graph: NetworkGraph }> {
  const { network, graph } = assembleNetwork(request);
  await writeFiles(dir, network, graph);
  return { network, graph };
}

/**
 * Fill a network and write it to `dir` in the same two forms.
 * @throws DependencyError EXPORT_FAILED when the directory cannot be written
 */
export async function writeNetwork(dir: string, network: LayersModel, request: WriteRequest): Promise<NetworkGraph> {
  const graph = toGraph(network, request);
  await writeFiles(dir, network, graph);
  return graph;
}

/** What a model's directory holds of the trained network itself, whatever it is judged by. */
const NETWORK_FILES = [GRAPH_FILES.fp32, ...Object.values(TFJS_FILES)];

/**
 * Copy the network of a finished model to `dir` and open it, as {@link exportNetwork} left both.
 * @throws InputError MODEL_UNREADABLE
 */
export async function copyNetwork(
  { dir: from, card }: Artefact,
  dir: string,
): Promise<{ network: LayersModel; graph: NetworkGraph }> {
  await mkdir(join(dir, 'tfjs'), { recursive: true });
  for (const file of NETWORK_FILES) await copyFile(join(from, file), join(dir, file));
  const network = await readNetwork(dir);
  const { normalise, outputs } = card.graph;
  const guarded = card.guard === null ? [] : [card.guard.output];
  const all = [...Object.values(outputs), ...guarded];
  return { network, graph: graphFrom(network, { normalise, outputs: all, exact: GUARD_LAYERS }) };
}

async function writeFiles(dir: string, network: LayersModel, { graph, header }: NetworkGraph): Promise<void> {
  try {
    await writeWhole(join(dir, GRAPH_FILES.fp32), graph.write(header));
    await saveTfjs(network, dir);
  } catch (cause) {
    throw new DependencyError(
      'EXPORT_FAILED',
      `The model cannot be written to ${dir}: ${messageOf(cause)}. Check the free disk space.`,
      {
        cause,
      },
    );
  }
}

/** The two files that `tf.loadLayersModel` reads. */
export async function saveTfjs(network: LayersModel, dir: string): Promise<void> {
  await network.save(
    io.withSaveHandler(async (artifacts) => {
      const { modelTopology, weightSpecs, weightData, format, generatedBy } = artifacts;
      if (weightData === undefined) throw new InvariantError('tfjs saved a model without weights.');
      const bytes = new Uint8Array(io.CompositeArrayBuffer.join(weightData));
      const weightsManifest = [{ paths: ['weights.bin'], weights: weightSpecs }];
      const json = { format, generatedBy, convertedBy: null, modelTopology, weightsManifest };
      await writeWhole(join(dir, TFJS_FILES.weights), bytes);
      await writeWhole(join(dir, TFJS_FILES.topology), JSON.stringify(json));
      return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: 'JSON' } };
    }),
  );
}
