import {
  clipByValue,
  logSoftmax,
  mul,
  type NamedTensorMap,
  ones,
  pow,
  type Scalar,
  scalar,
  softmax,
  sub,
  sum,
  type Tensor,
  tensor,
  tidy,
  variableGrads,
} from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InvariantError } from '#contracts';
import { layOut, type Parameter } from './parameters.js';
import { registerPoolingGradients } from './pooling-gradients.js';

registerPoolingGradients();

/** A few pictures at the cut, with what the head should say of them. */
export interface Batch {
  readonly count: number;
  /** Values at the cut, [count, ...cut shape]. */
  readonly features: Float32Array;
  /** Wanted probabilities (labels smoothed), [count, labels]. */
  readonly targets: Float32Array;
  /** Weight of each picture in the loss, [count]; the whole batch over all workers sums to 1. */
  readonly weights: Float32Array;
  /** Dropout mask on the penultimate activations, 0 or 1/(1 - rate), [count, penultimate]. */
  readonly mask: Float32Array;
}

/**
 * Gradients and predictions of the open part of a network on the chosen backend. Weights come and go as flat float32
 * vectors, so one optimiser serves every backend and any number of workers.
 */
export class Tail {
  readonly parameters: readonly Parameter[];
  readonly #model: LayersModel;
  readonly #cutShape: readonly number[];
  readonly #penultimate: number;
  readonly #focalGamma: number;

  /**
   * @param model from `buildTail`; owned by this object
   * @param focalGamma exponent of focal loss (Lin et al., arXiv:1708.02002); 0 = cross-entropy
   */
  constructor(model: LayersModel, focalGamma = 0) {
    this.#model = model;
    this.#focalGamma = focalGamma;
    this.parameters = layOut(model);
    const [cut, mask] = model.inputs;
    this.#cutShape = cut?.shape.slice(1).map(Number) ?? [];
    this.#penultimate = Number(mask?.shape[1]);
  }

  /** Load all weights from the flat vector, which must stay as it is until they have been used. */
  load(flat: Float32Array): void {
    tidy(() => {
      for (const [i, variable] of this.#model.weights.entries()) {
        const parameter = this.parameters[i];
        if (parameter === undefined) throw new InvariantError('Parameters do not match the model.');
        const { offset, length, shape } = parameter;
        variable.write(tensor(flat.subarray(offset, offset + length), [...shape], 'float32'));
      }
    });
  }

  /**
   * Weighted softmax cross-entropy (or focal loss) of a batch and its gradient.
   * @param into receives the gradient, laid out as the parameters; frozen ones are left alone
   * @returns the loss
   */
  async gradient(batch: Batch, into: Float32Array): Promise<number> {
    const { value, grads } = tidy(() => variableGrads(() => this.#loss(batch)));
    // A GPU hands values out by and by only; asking for all at once keeps it at work.
    const [losses] = await Promise.all([value.data<'float32'>(), this.#collect(grads, into)]);
    value.dispose();
    return losses[0] ?? Number.NaN;
  }

  /** Probabilities [count, labels] without dropout. */
  async predict(features: Float32Array, count: number): Promise<Float32Array> {
    const probabilities = tidy(() => {
      const logits = this.#model.apply([this.#atCut(features, count), ones([count, this.#penultimate])]);
      return softmax(logits as Tensor);
    });
    const values = await probabilities.data<'float32'>();
    probabilities.dispose();
    return values.slice();
  }

  dispose(): void {
    this.#model.dispose();
  }

  #loss({ count, features, targets, weights, mask }: Batch): Scalar {
    const inputs = [this.#atCut(features, count), tensor(mask, [count, this.#penultimate])];
    const logits = this.#model.apply(inputs) as Tensor;
    const labels = targets.length / count;
    // What the batch fixes is multiplied here: the step of a small head is mostly the number of its ops.
    const wanted = targets.map((target, i) => -(weights[Math.floor(i / labels)] ?? 0) * target);
    const perLabel = mul(tensor(wanted, [count, labels]), logSoftmax(logits));
    return sum(this.#focalGamma === 0 ? perLabel : mul(perLabel, this.#focus(logits)));
  }

  /** What focal loss leaves of each label's loss, (1 - p)^gamma: little where the network is right already. */
  #focus(logits: Tensor): Tensor {
    // A probability of 1 exactly would have no finite slope where gamma is below 1.
    return pow(sub(1, clipByValue(softmax(logits), 0, 1 - 1e-6)), scalar(this.#focalGamma));
  }

  #atCut(features: Float32Array, count: number): Tensor {
    return tensor(features, [count, ...this.#cutShape], 'float32');
  }

  async #collect(grads: NamedTensorMap, into: Float32Array): Promise<void> {
    const collected = this.#model.weights.map(async (variable, i) => {
      const parameter = this.parameters[i];
      if (parameter?.isOpen === false) return;
      const grad = grads[variable.name];
      if (parameter === undefined || grad === undefined) throw new InvariantError(`No gradient for ${variable.name}.`);
      into.set(await grad.data<'float32'>(), parameter.offset);
      grad.dispose();
    });
    await Promise.all(collected);
  }
}
