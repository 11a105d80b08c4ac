import { InputError, InvariantError } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { demandsOf, kernelRole } from '../backbones/demand.js';
import { type Convolution, isConvolution, type Layer } from '../backbones/layer.js';
import type { StoredTensor } from './safetensors.js';
import type { WeightMap } from './weight-map.js';

/** Tensors of a checkpoint by `layer/role` in Keras' names and TensorFlow's layouts, norms still apart. */
export type RawWeights = ReadonlyMap<string, StoredTensor>;

/**
 * Check a checkpoint against its network and write every norm into the convolution before it.
 * y = gamma * (conv(x) - mean) / sqrt(variance + eps) + beta, so kernel *= s and bias = (bias - mean) * s + beta.
 * @returns kernel and bias of every folded layer
 * @throws InputError WEIGHTS_MISSING | WEIGHTS_SHAPE | WEIGHTS_UNUSED | WEIGHTS_NAN naming the tensor
 */
export function foldWeights(backbone: Backbone, raw: RawWeights): WeightMap {
  assertFits(backbone, raw);
  const norms = new Map(backbone.layers.flatMap((layer) => (layer.kind === 'norm' ? [[layer.inputs[0], layer]] : [])));
  const weights = new Map<string, StoredTensor>();
  for (const layer of backbone.layers.filter(isConvolution)) {
    const kernel = turnChannels(backbone, layer, tensorOf(raw, `${layer.name}/${kernelRole(layer)}`));
    const bias = layer.bias ? tensorOf(raw, `${layer.name}/bias`).data : null;
    const norm = norms.get(layer.name);
    const { scale, shift } = norm === undefined ? { scale: null, shift: bias } : scaleShift(norm, raw, bias);
    weights.set(`${layer.name}/${kernelRole(layer)}`, scale === null ? kernel : scaled(kernel, scale));
    if (shift !== null) weights.set(`${layer.name}/bias`, { shape: [shift.length], data: shift });
  }
  for (const [name, { data }] of weights)
    if (!data.every(Number.isFinite)) throw noNumbers(name, 'are beyond float32 once the norm behind is folded in');
  return weights;
}

function noNumbers(name: string, what: string): InputError {
  return new InputError('WEIGHTS_NAN', `Weights of ${name} ${what}. Fetch the file again.`);
}

function assertFits(backbone: Backbone, raw: RawWeights): void {
  const { name, variant } = backbone;
  const left = new Set(raw.keys());
  for (const demand of demandsOf(backbone.layers)) {
    const stored = raw.get(demand.name);
    if (stored === undefined)
      throw new InputError('WEIGHTS_MISSING', `No weights for ${demand.name}: expected those of ${name} (${variant}).`);
    if (stored.shape.join() !== demand.shape.join()) {
      throw new InputError(
        'WEIGHTS_SHAPE',
        `Weights of ${demand.name} have shape [${stored.shape}], ${name} (${variant}) needs [${demand.shape}].`,
      );
    }
    if (!stored.data.every(Number.isFinite)) throw noNumbers(demand.name, 'hold values that are no numbers');
    if (/variance$/.test(demand.name) && stored.data.some((value) => value < 0))
      throw noNumbers(demand.name, 'hold a negative variance');
    left.delete(demand.name);
  }
  const [unused] = left;
  if (unused === undefined) return;
  throw new InputError(
    'WEIGHTS_UNUSED',
    `Weights of ${unused} fit no layer of ${name} (${variant}); ${left.size} unused. Is it a checkpoint of another network? Layers of your own stay out with --leave-out.`,
  );
}

/** The first convolution of a network trained on BGR reads RGB from here on. */
function turnChannels({ channels, layers }: Backbone, layer: Convolution, kernel: StoredTensor): StoredTensor {
  const isStem = layer.name === layers.find(isConvolution)?.name;
  if (channels === 'rgb' || !isStem) return kernel;
  const [height = 0, width = 0, into = 0, out = 0] = kernel.shape;
  const data = new Float32Array(kernel.data.length);
  for (let row = 0; row < height * width * into; row++) {
    const turned = row - (row % into) + (into - 1 - (row % into));
    data.set(kernel.data.subarray(turned * out, (turned + 1) * out), row * out);
  }
  return { shape: kernel.shape, data };
}

function scaleShift(norm: Layer, raw: RawWeights, bias: Float32Array | null) {
  if (norm.kind !== 'norm') throw new InvariantError(`Layer ${norm.name} is no norm.`);
  const of = (role: string) => tensorOf(raw, `${norm.name}/${role}`).data;
  const [beta, mean, variance] = [of('beta'), of('moving_mean'), of('moving_variance')];
  const scale = of('gamma').map((gamma, i) => gamma / Math.sqrt((variance[i] ?? 0) + norm.epsilon));
  const shift = beta.map((value, i) => value + ((bias?.[i] ?? 0) - (mean[i] ?? 0)) * (scale[i] ?? 0));
  return { scale, shift };
}

/** The output channel of a kernel [h, w, in, out] or [h, w, channels, 1] is the last that has more than one value. */
function scaled({ shape, data }: StoredTensor, scale: Float32Array): StoredTensor {
  return { shape, data: data.map((value, i) => value * (scale[i % scale.length] ?? 0)) };
}

function tensorOf(raw: RawWeights, name: string): StoredTensor {
  const stored = raw.get(name);
  if (stored === undefined) throw new InvariantError(`Weights ${name} were not checked.`);
  return stored;
}
