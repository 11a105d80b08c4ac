import { InputError } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { demandsOf } from '../backbones/demand.js';
import type { Hdf5Dataset, Hdf5Group } from './hdf5.js';
import type { KerasLayer } from './keras-layers.js';

/** Whether the file is laid out as Keras 2 did, weights alone or a whole model. Keras 3 still writes such models. */
export function isKerasH5(root: Hdf5Group): boolean {
  return listOf(weightsOf(root), 'layer_names') !== null;
}

/**
 * Layers with weights of a Keras 2 file, in its own order: `layer_names` lists the groups, each group's `weight_names` its
 * tensors. A model inside the model keeps its layers' names in its tensors' names.
 * @throws InputError WEIGHTS_UNREADABLE naming a group or tensor that is listed and not there
 */
export function listKerasH5(root: Hdf5Group): KerasLayer[] {
  const weights = weightsOf(root);
  return (listOf(weights, 'layer_names') ?? []).flatMap((name) => {
    const group = weights.groups[name];
    if (group === undefined) throw missing(`group ${name}`);
    const tensors = listOf(group, 'weight_names') ?? [];
    return splitLayers(
      name,
      tensors.map((tensor) => ({ tensor, dataset: findDataset(group, tensor) })),
    );
  });
}

/**
 * How many scalings the file lists: Keras 3 scales in a second `rescaling`, Keras 2 in a bare operation of TensorFlow. A model
 * inside a model is listed by its own name alone; a whole model then tells in its config.
 * @returns null when the file says nothing: no EfficientNet has none
 */
export function countRescalingsH5(root: Hdf5Group): number | null {
  const names = listOf(weightsOf(root), 'layer_names') ?? [];
  const listed = names.filter((name) => /^(rescaling|tf\.math\.(multiply|truediv))(_\d+)?$/.test(name)).length;
  if (listed > 0) return listed;
  const config = root.attributes['model_config']?.join('') ?? '';
  const inside = config.match(/"class_name": ?"Rescaling"|"function": ?"math\.(multiply|truediv)"/g)?.length ?? 0;
  return inside > 0 ? inside : null;
}

/**
 * The same layers under our names, by their order: so does Keras itself read such a file, and the oldest published ones
 * bear names of their own. Only for files whose every byte is known: order alone does not tell equal shapes apart.
 */
export function renameByOrder(layers: readonly KerasLayer[], backbone: Backbone): KerasLayer[] {
  const own = [...new Set(demandsOf(backbone.layers).map(({ name }) => name.slice(0, name.lastIndexOf('/'))))];
  const names = [...own, ...backbone.classifier];
  return layers.map((layer, i) => ({ ...layer, name: names[i] ?? layer.name }));
}

function weightsOf(root: Hdf5Group): Hdf5Group {
  return root.groups['model_weights'] ?? root;
}

/** Lists too long for one attribute are cut into `name0`, `name1`, … */
function listOf({ attributes }: Hdf5Group, name: string): readonly string[] | null {
  const whole = attributes[name];
  if (whole !== undefined) return whole;
  const parts: string[] = [];
  for (let i = 0; ; i++) {
    const part = attributes[`${name}${i}`];
    if (part === undefined) return i === 0 ? null : parts;
    parts.push(...part);
  }
}

function findDataset(group: Hdf5Group, tensor: string) {
  const path = tensor.split('/').filter((step) => step !== '');
  const last = path.pop() ?? '';
  let at: Hdf5Group | undefined = group;
  for (const step of path) at = at?.groups[step];
  const dataset = at?.datasets[last];
  if (dataset === undefined) throw missing(`tensor ${tensor}`);
  return dataset;
}

/** `block1_conv1/kernel:0` belongs to layer block1_conv1, whatever group it lies in; a bare name to its group. */
function splitLayers(group: string, tensors: readonly { tensor: string; dataset: Hdf5Dataset }[]): KerasLayer[] {
  const layers = new Map<string, KerasLayer['tensors'][number][]>();
  for (const { tensor, dataset } of tensors) {
    const [role = tensor, layer = group] = tensor.split('/').reverse();
    layers.set(layer, [...(layers.get(layer) ?? []), { role, dataset }]);
  }
  return [...layers].map(([name, own]) => ({ name, tensors: own }));
}

function missing(what: string): InputError {
  return new InputError(
    'WEIGHTS_UNREADABLE',
    `The Keras file lists ${what} and does not hold it. Fetch the file again.`,
  );
}
