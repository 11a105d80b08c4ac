import { div, sub, type Tensor, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { type LayersModel, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import { DependencyError, InputError, InvariantError, messageOf } from '#contracts';
import { type Artefact, TFJS_FILES } from '../artefact.js';
import { chooseBackend } from '../backend/choose.js';
import type { ModelCard, Normalise } from '../card.js';
import { readNetwork } from './read-network.js';
import { assertBatch, type ModelSession, type OutputTensor, type PictureBatch } from './session.js';

/** What is read of an artefact. */
type TrainedFiles = Pick<Artefact, 'dir'> & { readonly card: Pick<ModelCard, 'id' | 'graph' | 'files'> };

/**
 * The trained network itself in native TensorFlow, from the artefact's tfjs files, fp32. They hold no normalisation:
 * the card's is applied here. One session per process: TensorFlow serves the whole process from then on.
 */
export class TensorFlowSession implements ModelSession {
  readonly runtime: string;
  readonly outputs: readonly string[];
  readonly #network: LayersModel;
  readonly #mean: Tensor;
  readonly #std: Tensor;

  private constructor(
    network: LayersModel,
    about: { device: string; outputs: readonly string[]; normalise: Normalise },
  ) {
    this.runtime = `${about.device} ${process.platform}-${process.arch}`;
    this.outputs = about.outputs;
    this.#network = network;
    this.#mean = tensor1d([...about.normalise.mean]);
    this.#std = tensor1d([...about.normalise.std]);
  }

  /**
   * @param options `outputs` to compute, named as the graph's are; default the probabilities
   * @throws DependencyError RUNTIME_MISSING where native TensorFlow does not start
   * @throws InputError MODEL_MISSING for an artefact without tfjs files, MODEL_UNREADABLE, MODEL_OUTPUT
   */
  static async open(artefact: TrainedFiles, options: { outputs?: readonly string[] } = {}): Promise<TensorFlowSession> {
    const { card, dir } = artefact;
    if (!Object.values(TFJS_FILES).every((file) => file in card.files)) {
      throw new InputError(
        'MODEL_MISSING',
        `Model ${card.id} in ${dir} has no ${TFJS_FILES.topology}, which the runtime tensorflow reads. Set inference.runtime to onnx-cpu, or train the model again.`,
      );
    }
    const device = await startTensorFlow();
    const whole = await readNetwork(dir);
    const outputs = options.outputs ?? [card.graph.outputs.probabilities];
    return new TensorFlowSession(tap(whole, outputs), { device, outputs, normalise: card.graph.normalise });
  }

  async run(batch: PictureBatch): Promise<Record<string, OutputTensor>> {
    assertBatch(batch);
    const { data, count, height, width } = batch;
    const tensors = tidy(() => {
      const pixels = tensor4d(data, [count, height, width, 3], 'int32').toFloat();
      return [this.#network.predict(div(sub(pixels, this.#mean), this.#std))].flat();
    });
    const values = tensors.map((tensor) => ({ data: tensor.dataSync<'float32'>(), dims: tensor.shape }));
    for (const tensor of tensors) tensor.dispose();
    return Object.fromEntries(this.outputs.map((name, i) => [name, values[i] ?? missing(name)]));
  }

  async close(): Promise<void> {
    this.#network.dispose();
    this.#mean.dispose();
    this.#std.dispose();
  }
}

/** @returns TensorFlow and its device, in words */
async function startTensorFlow(): Promise<string> {
  try {
    return (await chooseBackend('tensorflow')).device;
  } catch (cause) {
    throw new DependencyError(
      'RUNTIME_MISSING',
      `Runtime tensorflow cannot be used here: ${messageOf(cause)} Or set inference.runtime to auto.`,
      { cause },
    );
  }
}

/** The network with the asked outputs: as in the graph, they are named after the layers that give them. */
function tap(network: LayersModel, outputs: readonly string[]): LayersModel {
  const layers = new Set(network.layers.map(({ name }) => name));
  const unknown = outputs.filter((name) => !layers.has(name));
  if (unknown.length > 0) {
    throw new InputError(
      'MODEL_OUTPUT',
      `Model ${network.name} has no output ${unknown.join(', ')}. Use a model exported with these outputs.`,
    );
  }
  return model({
    inputs: network.inputs,
    outputs: outputs.map((name) => network.getLayer(name).output as SymbolicTensor),
  });
}

function missing(name: string): never {
  throw new InvariantError(`TensorFlow gave no output ${name}.`);
}
