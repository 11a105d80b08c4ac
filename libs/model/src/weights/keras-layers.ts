import { InputError } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { demandsOf } from '../backbones/demand.js';
import type { Layer } from '../backbones/layer.js';
import type { RawWeights } from './fold-weights.js';
import type { Hdf5Dataset, Hdf5File } from './hdf5.js';
import type { StoredTensor } from './safetensors.js';

/** A layer with weights as a Keras file holds it, its tensors in Keras' own order. */
export interface KerasLayer {
  readonly name: string;
  /** What the file calls it, where its name is concluded from class and number. */
  readonly called?: string;
  readonly tensors: readonly { readonly role: string; readonly dataset: Hdf5Dataset }[];
}

/** Keras numbers this layer when a process builds several networks. */
const NORMALIZATION = /^normalization(_\d+)?$/;
/** How many pictures the normalisation was measured on. */
const COUNT = 'count';
const ROLES = /^(kernel|depthwise_kernel|bias|gamma|beta|moving_mean|moving_variance|mean|variance|count)(:0)?$/;

/**
 * The values of a Keras file's layers, by our names. The classifier and the layers to leave out stay where they are.
 * @returns `left`: the layers that stay, as the file calls them
 * @throws InputError WEIGHTS_UNREADABLE | WEIGHTS_UNUSED
 */
export async function readKerasLayers(
  file: Hdf5File,
  { layers, backbone, leaveOut }: { layers: readonly KerasLayer[]; backbone: Backbone; leaveOut: readonly string[] },
): Promise<{ raw: RawWeights; left: string[] }> {
  const skipped = new Set([...backbone.classifier, ...leaveOut]);
  const isLeft = ({ name, called = name }: KerasLayer) => skipped.has(name) || skipped.has(called);
  const roles = rolesByLayer(backbone.layers);
  const wanted = new Map<string, Hdf5Dataset>();
  for (const layer of layers.filter((one) => !isLeft(one))) {
    const name = NORMALIZATION.test(layer.name) ? 'normalization' : layer.name;
    for (const [i, { role, dataset }] of layer.tensors.entries()) {
      const known = nameRole(role, roles.get(name) ?? [], i);
      if (known === COUNT && name === 'normalization') continue;
      const tensor = `${name}/${known}`;
      if (wanted.has(tensor))
        throw new InputError(
          'WEIGHTS_UNREADABLE',
          `The file holds ${tensor} twice: ${dataset.path} is the second. Have Keras save it again.`,
        );
      wanted.set(tensor, dataset);
    }
  }
  const values = await file.readFloats([...wanted.values()]);
  return {
    raw: new Map([...wanted].map(([name, { path, shape }]) => [name, tensorOf(shape, values.get(path))])),
    left: layers.filter(isLeft).map(({ name, called = name }) => called),
  };
}

function tensorOf(shape: readonly number[], data: Float32Array = new Float32Array()): StoredTensor {
  return { shape, data };
}

/**
 * Roles of each layer's tensors in Keras' order. Newer files name them (`kernel:0`), the oldest call them
 * `block1_conv1_W_1:0`, the newest number them: the order is the same in all.
 */
function rolesByLayer(layers: readonly Layer[]): Map<string, string[]> {
  const roles = new Map<string, string[]>();
  for (const { name } of demandsOf(layers)) {
    const at = name.lastIndexOf('/');
    roles.set(name.slice(0, at), [...(roles.get(name.slice(0, at)) ?? []), name.slice(at + 1)]);
  }
  for (const [layer, own] of roles) if (layer === 'normalization') own.push(COUNT);
  return roles;
}

function nameRole(role: string, inOrder: readonly string[], i: number): string {
  const named = ROLES.exec(role)?.[1];
  // Keras 3 calls a depthwise kernel `kernel` too.
  if (named === 'kernel' && inOrder.includes('depthwise_kernel')) return 'depthwise_kernel';
  return named ?? inOrder[i] ?? role;
}
