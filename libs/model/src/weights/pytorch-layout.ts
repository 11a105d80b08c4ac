import { InputError } from '#contracts';
import { kernelRole } from '../backbones/demand.js';
import { isConvolution, type Layer } from '../backbones/layer.js';
import type { RawWeights } from './fold-weights.js';
import type { StoredTensor } from './safetensors.js';

/** PyTorch module name of each layer that has weights, by the layer's name: `stem_conv` -> `_conv_stem`. */
export type NameTable = ReadonlyMap<string, string>;

const NORM_ROLES = { gamma: 'weight', beta: 'bias', moving_mean: 'running_mean', moving_variance: 'running_var' };
/** A counter of training steps, which inference does not know. */
const COUNTER = /\.num_batches_tracked$/;

/**
 * A PyTorch checkpoint in Keras' names and TensorFlow's layouts: kernels turn from OIHW to HWIO, depthwise kernels
 * from [c, 1, h, w] to [h, w, c, 1]. Tensors the table does not know keep their names, for the check to find.
 * @throws InputError WEIGHTS_MISSING in the checkpoint's own names
 */
export function fromPyTorch(
  tensors: ReadonlyMap<string, StoredTensor>,
  names: NameTable,
  layers: readonly Layer[],
): RawWeights {
  const left = new Map([...tensors].filter(([name]) => !COUNTER.test(name)));
  const raw = new Map<string, StoredTensor>();
  const move = (from: string, to: string, turn = (tensor: StoredTensor) => tensor) => {
    const tensor = left.get(from);
    if (tensor === undefined)
      throw new InputError(
        'WEIGHTS_MISSING',
        `Checkpoint has no tensor ${from} (${to}): it was cut short, or is of another network. Fetch it again, or name its network.`,
      );
    left.delete(from);
    raw.set(to, turn(tensor));
  };
  for (const layer of layers) {
    const module = names.get(layer.name);
    if (module === undefined) continue;
    if (isConvolution(layer)) {
      move(`${module}.weight`, `${layer.name}/${kernelRole(layer)}`, layer.kind === 'conv' ? toHwio : toHwc1);
      if (layer.bias) move(`${module}.bias`, `${layer.name}/bias`);
    } else if (layer.kind === 'norm') {
      for (const [role, own] of Object.entries(NORM_ROLES)) move(`${module}.${own}`, `${layer.name}/${role}`);
    }
  }
  return new Map([...raw, ...left]);
}

function toHwio({ shape: [out = 0, into = 0, height = 0, width = 0], data }: StoredTensor): StoredTensor {
  const area = height * width;
  const turned = new Float32Array(data.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < into; i++) {
      for (let p = 0; p < area; p++) turned[(p * into + i) * out + o] = data[(o * into + i) * area + p] ?? 0;
    }
  }
  return { shape: [height, width, into, out], data: turned };
}

/** A kernel [c, 1, h, w] is one of [1, c, h, w] with one output: the same values in the same order. */
function toHwc1({ shape: [channels = 0, one = 0, height = 0, width = 0], data }: StoredTensor): StoredTensor {
  const { shape, data: turned } = toHwio({ shape: [one, channels, height, width], data });
  return { shape, data: turned };
}
