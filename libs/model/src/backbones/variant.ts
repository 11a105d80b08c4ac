import { InputError } from '#contracts';
import type { Normalise } from '../card.js';
import { type Backbone, defineBackbone } from './backbone.js';
import type { Padding } from './layer.js';
import { Sketch } from './sketch.js';

/**
 * Whose construction of a network. `tensorflow`: the reference implementation; `keras`: Keras Applications;
 * `torchvision`; `timm`: PyTorch Image Models, its own networks; `timm-tf`: TensorFlow's networks in timm (`tf_*`).
 */
export const VARIANT_NAMES = ['tensorflow', 'keras', 'torchvision', 'timm', 'timm-tf'] as const;
export type VariantName = (typeof VARIANT_NAMES)[number];

/** What sets one library's construction of a network apart from another's; a family adds what only it knows. */
export interface Variant {
  readonly name: VariantName;
  /** What its first layer reads: (rgb - mean) / std, rgb in 0..255. */
  readonly normalise: Normalise;
  readonly channels: 'rgb' | 'bgr';
  /** Licence of the weights its library publishes, as an SPDX id; null where the library states none. */
  readonly licence: string | null;
}

/** One network of a family's table. */
export interface Network {
  readonly name: string;
  /** The first is meant where none is named. */
  readonly variants: readonly VariantName[];
  /** @throws InputError BACKBONE_VARIANT listing the variants that exist */
  readonly build: (variant?: string) => Backbone;
}

/** A row of a family's table, with what writes it out as layers. */
export interface NetworkRow<V extends Variant> {
  readonly name: string;
  readonly inputSize: number;
  readonly variants: readonly V[];
  readonly classifier: readonly string[];
  readonly paper: string;
  readonly write: (sketch: Sketch, variant: V) => void;
}

/** A network whose layers are written out when they are first asked for. */
export function defineNetwork<V extends Variant>(row: NetworkRow<V>): Network {
  const { name, variants, write, ...common } = row;
  const built = new Map<V, Backbone>();
  const writeOut = (variant: V): Backbone => {
    const sketch = new Sketch();
    write(sketch, variant);
    const { normalise, channels, licence } = variant;
    return defineBackbone({
      ...common,
      name,
      variant: variant.name,
      normalise,
      channels,
      licence,
      layers: sketch.layers,
    });
  };
  const names = variants.map((variant) => variant.name);
  return {
    name,
    variants: names,
    build: (wanted = names[0]) => {
      const variant = variants.find((known) => known.name === wanted);
      if (variant === undefined) {
        throw new InputError(
          'BACKBONE_VARIANT',
          `${name} has no variant ${wanted}. Expected the library the weights come from: ${names.join(', ')}.`,
        );
      }
      const backbone = built.get(variant) ?? writeOut(variant);
      built.set(variant, backbone);
      return backbone;
    },
  };
}

/** Libraries that pad as PyTorch does put half a kernel of zeros on every side. Without a stride SAME is just that. */
export function edge(padding: 'same' | 'symmetric', { kernel, stride }: { kernel: number; stride: number }): Padding {
  return padding === 'same' || stride === 1 ? 'same' : Math.floor(kernel / 2);
}

/** Mean and standard deviation of ImageNet's colours, in 0..255. */
export const IMAGENET_COLOURS: Normalise = {
  mean: [0.485 * 255, 0.456 * 255, 0.406 * 255],
  std: [0.229 * 255, 0.224 * 255, 0.225 * 255],
};

/** Caffe's: the mean colour of ImageNet is taken away, nothing is scaled; kernels read blue, green, red. */
export const CAFFE_COLOURS: Normalise = { mean: [123.68, 116.779, 103.939], std: [1, 1, 1] };

/** From -1 to 1. */
export const CENTRED_COLOURS: Normalise = { mean: [127.5, 127.5, 127.5], std: [127.5, 127.5, 127.5] };
