import { createHash } from 'node:crypto';
import type { Backbone } from '#model/backbones/backbone';
import { demandsOf } from '#model/backbones/demand';
import { type Convolution, isConvolution, type Layer, type Padding } from '#model/backbones/layer';
import { timmNames } from '#model/weights/layouts/timm';
import { torchvisionNames } from '#model/weights/layouts/torchvision';
import type { NameTable } from '#model/weights/pytorch-layout';

/** How a network is built, in words that test/proof/write_structures.py writes of the library's own. */
export interface Structure {
  /** `name [shape]` of every tensor a checkpoint holds, without counters and classifier, sorted. */
  readonly tensors: readonly string[];
  /** A line for every convolution and norm, and under Keras' names for every pooling; sorted. */
  readonly parts: readonly string[];
  /** Names of Keras' list behind the input layer; empty for other libraries. */
  readonly layers: readonly string[];
}

/** Tensors that no network needs: counters, and what only classifies. */
export const LEFT_ASIDE =
  /(count|num_batches_tracked) |^(classifier|fc|head\.fc|pre_logits\.fc\d)(\.\d+)?\.(weight|bias) /;

/** Structure of a network of ours, under the names of the library whose construction it is. */
export function structureOf(backbone: Backbone): Structure {
  const { layers, variant } = backbone;
  if (variant === 'keras') {
    return {
      tensors: demandsOf(layers).map(describeTensor).sort(),
      parts: layers.flatMap((layer) => describePart(layer, layer.name)).sort(),
      layers: layers.slice(1).map(({ name }) => name),
    };
  }
  const names = variant === 'torchvision' ? torchvisionNames(backbone) : timmNames(backbone);
  const named = layers.filter(({ name }) => names.has(name));
  return {
    tensors: demandsOf(layers)
      .map(({ name, shape }) => describeTensor(toPyTorch(name, shape, names)))
      .sort(),
    parts: named.flatMap((layer) => describePart(layer, names.get(layer.name) ?? '')).sort(),
    layers: [],
  };
}

/** Small enough to be stored for every network: how many lines, and their sha256. */
export function digest(lines: readonly string[]): string {
  return `${lines.length} ${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 32)}`;
}

function describePart(layer: Layer, name: string): string[] {
  if (isConvolution(layer)) {
    const { kernel, stride, bias } = layer;
    return [`${name} conv ${kernel} stride ${stride} pad ${paddingOf(layer)}${bias ? ' bias' : ''}`];
  }
  if (layer.kind === 'norm') return [`${name} norm ${Number((layer.epsilon * 1e6).toPrecision(6))}e-6`];
  if (layer.kind !== 'maxPool') return [];
  return [`${name} maxPool ${layer.size} stride ${layer.stride} pad ${layer.padding === 'valid' ? 0 : layer.padding}`];
}

/** Half a kernel on every side is SAME when nothing is skipped; one pixel wide needs none. */
function paddingOf({ kernel, stride, padding }: Convolution): Padding {
  if (kernel === 1 || (stride === 1 && padding === Math.floor(kernel / 2))) return 'same';
  return padding === 'valid' ? 0 : padding;
}

function describeTensor({ name, shape }: { name: string; shape: readonly number[] }): string {
  return `${name} [${shape.join(', ')}]`;
}

const ROLES: Readonly<Record<string, string>> = {
  gamma: 'weight',
  beta: 'bias',
  moving_mean: 'running_mean',
  moving_variance: 'running_var',
  bias: 'bias',
};

function toPyTorch(name: string, shape: readonly number[], names: NameTable) {
  const [layer = '', role = ''] = name.split('/');
  const [height = 0, width = 0, into = 0, out = 0] = shape;
  const turned = role === 'kernel' ? [out, into, height, width] : [into, 1, height, width];
  return { name: `${names.get(layer)}.${ROLES[role] ?? 'weight'}`, shape: shape.length === 4 ? turned : shape };
}
