import { z } from 'zod';
import { InputError } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { demandsOf } from '../backbones/demand.js';
import { isConvolution, type Layer } from '../backbones/layer.js';
import type { Hdf5Group } from './hdf5.js';
import type { KerasLayer } from './keras-layers.js';

/** Whether the file is laid out as Keras 3 and late Keras 2 do in `.weights.h5` and `.keras`. */
export function isKerasWeightsH5(root: Hdf5Group): boolean {
  return root.groups['layers'] !== undefined;
}

/**
 * Layers with weights of a Keras 3 file. Its groups are named by class and number, `layers/conv2d_3/vars/0`; the layer's
 * own name comes from, in this order: the group (late Keras 3), the model's config (`.keras`), and the network's layers of
 * the same class in Keras' order.
 * @param named layer names by group, of {@link namesInConfig}
 * @throws InputError WEIGHTS_UNREADABLE when groups are named nowhere and there are several models in the file
 */
export function listKerasWeightsH5(
  root: Hdf5Group,
  { backbone, named }: { backbone: Backbone; named: ReadonlyMap<string, string> },
): KerasLayer[] {
  const byClass = namesByClass(backbone);
  const layers: KerasLayer[] = [];
  const guessed = new Set<string>();
  for (const { path, container, key, vars } of listVariables(root, '')) {
    const given = vars.attributes['name']?.[0] ?? named.get(path);
    if (given === undefined) guessed.add(container);
    const tensors = Object.keys(vars.datasets)
      .sort((a, b) => Number(a) - Number(b))
      .flatMap((role) => vars.datasets[role] ?? [])
      .map((dataset, i) => ({ role: `${i}`, dataset }));
    layers.push(
      given === undefined ? { name: byClass.get(key) ?? key, called: key, tensors } : { name: given, tensors },
    );
  }
  if (guessed.size > 1) {
    const places = [...guessed].join(', ');
    throw new InputError(
      'WEIGHTS_UNREADABLE',
      `Layers of several models without names lie in ${places}. Save the base model alone, or the whole as .keras.`,
    );
  }
  return layers;
}

/** Class and number of every layer in the file that is a rescaling, or an operation in its place; null: none is listed. */
export function countRescalings(root: Hdf5Group): number | null {
  const listed = Object.entries(root.groups['layers']?.groups ?? {});
  const own = listed.filter(([key]) => /^(rescaling|tf_op_lambda)(_\d+)?$/.test(key)).length;
  if (own > 0) return own;
  const nested = listed.map(([, group]) => countRescalings(group)).find((count) => count !== null);
  return nested ?? null;
}

const ModelConfig = z.looseObject({ class_name: z.string(), config: z.looseObject({ name: z.string().optional() }) });

/** Layer names by group, as a model's config lists the layers that its file numbers by class. */
export function namesInConfig(config: unknown, path = ''): Map<string, string> {
  const names = new Map<string, string>();
  const model = ModelConfig.safeParse(config).data;
  const layers: unknown = model?.config['layers'];
  if (!Array.isArray(layers)) return names;
  const counts = new Map<string, number>();
  for (const described of layers) {
    const layer = ModelConfig.safeParse(described).data;
    if (layer === undefined) continue;
    const kind = toSnakeCase(layer.class_name);
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    const own = `${path}/layers/${count === 0 ? kind : `${kind}_${count}`}`;
    if (layer.config.name !== undefined) names.set(own, layer.config.name);
    for (const [inner, name] of namesInConfig(described, own)) names.set(inner, name);
  }
  return names;
}

interface Variables {
  readonly path: string;
  /** The model the layer is in. */
  readonly container: string;
  /** Class and number. */
  readonly key: string;
  readonly vars: Hdf5Group;
}

function listVariables(group: Hdf5Group, path: string): Variables[] {
  const container = `${path}/layers`;
  return Object.entries(group.groups['layers']?.groups ?? {}).flatMap(([key, layer]): Variables[] => {
    const own = `${container}/${key}`;
    const vars = layer.groups['vars'];
    const hasOwn = vars !== undefined && Object.keys(vars.datasets).length > 0;
    return [...(hasOwn ? [{ path: own, container, key, vars }] : []), ...listVariables(layer, own)];
  });
}

/** `conv2d_3` -> the fourth convolution in Keras' order; `dense` -> the classifier's first layer. */
function namesByClass({ layers, classifier }: Backbone): Map<string, string> {
  const counts = new Map<string, number>();
  const names = new Map<string, string>();
  const add = (kind: string, name: string) => {
    const count = counts.get(kind) ?? 0;
    counts.set(kind, count + 1);
    names.set(count === 0 ? kind : `${kind}_${count}`, name);
  };
  const owned = new Set(demandsOf(layers).map(({ name }) => name.slice(0, name.lastIndexOf('/'))));
  for (const layer of layers.filter(({ name }) => owned.has(name))) add(classOf(layer), layer.name);
  for (const name of classifier) add('dense', name);
  return names;
}

function classOf(layer: Layer): string {
  if (isConvolution(layer)) return layer.kind === 'conv' ? 'conv2d' : 'depthwise_conv2d';
  return layer.kind === 'norm' ? 'batch_normalization' : layer.kind;
}

/** As Keras names groups: `DepthwiseConv2D` -> `depthwise_conv2d`. */
function toSnakeCase(className: string): string {
  return className
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}
