import type { Backbone } from '../backbones/backbone.js';
import { demandsOf } from '../backbones/demand.js';
import { BACKBONES } from '../backbones/find.js';
import type { VariantName } from '../backbones/variant.js';
import { TIMM_CLASSIFIER, timmNames } from './layouts/timm.js';
import { TORCHVISION_CLASSIFIER, torchvisionNames } from './layouts/torchvision.js';
import { liteNames } from './lite-checkpoint.js';
import type { NameTable } from './pytorch-layout.js';

/** Formats of whole files; safetensors only say how tensors lie in them, not what they are called. */
export type KerasFormat = 'keras-h5' | 'keras-weights-h5' | 'keras-archive';
/** How a file names and lays out the weights of a network. */
export type LayoutName = KerasFormat | `safetensors-${'keras' | 'efficientnet-lite' | 'timm' | 'torchvision'}`;

/** A layout that is proven for networks whose names begin alike: the library's own output is stored as a golden. */
export interface ProvenLayout {
  readonly layout: LayoutName;
  readonly variant: VariantName;
  /** Beginning of the networks' names. */
  readonly family: string;
  /** File under test/golden that proves it. */
  readonly golden: string;
  /** The library publishes such files for more than one scaling of colours, and a file does not tell which. */
  readonly isColourOpen: boolean;
  /** A network of the library that bears the same names and is not proven: the file does not tell it apart. */
  readonly double: string | null;
}

const KERAS_LAYOUTS: readonly LayoutName[] = ['keras-h5', 'keras-weights-h5', 'keras-archive', 'safetensors-keras'];
const FAMILIES = {
  'efficientnet-b': 'efficientnet-b0',
  'mobilenet-v2': 'mobilenet-v2-0.35',
  resnet: 'resnet50',
  vgg: 'vgg16',
};
const LITE = 'efficientnet-lite';
const TOLD = { isColourOpen: false, double: null };
/** ImageNet's colours, but from -1 to 1 in `*.ap_in1k` and `*.ra4_*` (timm 1.0: efficientnet.py). */
const TIMM_B = { family: 'efficientnet-b', isColourOpen: true, double: null };

/** Every layout that is accepted: nothing is read that no golden proves. */
export const LAYOUTS: readonly ProvenLayout[] = [
  {
    ...TOLD,
    layout: 'safetensors-efficientnet-lite',
    variant: 'tensorflow',
    family: LITE,
    golden: 'efficientnet-lite0',
  },
  { ...TOLD, layout: 'safetensors-keras', variant: 'tensorflow', family: LITE, golden: 'efficientnet-lite0' },
  {
    layout: 'safetensors-timm',
    variant: 'timm-tf',
    family: LITE,
    golden: 'timm-tf-efficientnet-lite0',
    isColourOpen: false,
    // Its efficientnet_lite0 pads on both sides and has norms of its own; tf_efficientnet_lite0 is TensorFlow's.
    double: 'efficientnet_lite*',
  },
  { ...TIMM_B, layout: 'safetensors-timm', variant: 'timm-tf', golden: 'timm-tf-efficientnet-b0' },
  ...Object.entries(FAMILIES).flatMap(([family, member]): ProvenLayout[] => [
    ...KERAS_LAYOUTS.map((layout) => ({
      ...TOLD,
      layout,
      variant: 'keras' as const,
      family,
      golden: `keras-${member}`,
    })),
    {
      ...(family === TIMM_B.family ? TIMM_B : { ...TOLD, family }),
      layout: 'safetensors-timm',
      variant: 'timm',
      golden: `timm-${member}`,
    },
    { ...TOLD, layout: 'safetensors-torchvision', variant: 'torchvision', family, golden: `torchvision-${member}` },
  ]),
];

/** Layouts proven for a network; a variant narrows them. A library that has not every member of a family has not its layout. */
export function layoutsOf(network: string, variant?: string): ProvenLayout[] {
  const variants = BACKBONES.find(({ name }) => name === network)?.variants ?? [];
  return LAYOUTS.filter(
    (row) =>
      network.startsWith(row.family) &&
      variants.includes(row.variant) &&
      (variant === undefined || row.variant === variant),
  );
}

/** How the tensors of a PyTorch checkpoint are called, and which are its classifier's. */
export interface TensorNaming {
  readonly table: NameTable;
  readonly classifier: RegExp;
}

/** Naming of a safetensors layout; null where tensors bear our own names, which are Keras'. */
export function namingOf(layout: LayoutName, backbone: Backbone): TensorNaming | null {
  switch (layout) {
    case 'safetensors-efficientnet-lite':
      return { table: liteNames(backbone), classifier: /^_fc\.(weight|bias)$/ };
    case 'safetensors-timm':
      return { table: timmNames(backbone), classifier: TIMM_CLASSIFIER };
    case 'safetensors-torchvision':
      return { table: torchvisionNames(backbone), classifier: TORCHVISION_CLASSIFIER };
    default:
      return null;
  }
}

/** Layer or module of a tensor: `Conv1/kernel` -> `Conv1`, `layer1.0.conv1.weight` -> `layer1.0.conv1`. */
export function ownerOf(tensor: string): string {
  return tensor.slice(0, Math.max(tensor.lastIndexOf('/'), tensor.lastIndexOf('.')));
}

/** Share of a network's layers that a file names so, 0..1. */
export function coverageOf(names: readonly string[], layout: LayoutName, backbone: Backbone): number {
  const owners = new Set(names.map(ownerOf));
  const naming = namingOf(layout, backbone);
  const expected =
    naming === null
      ? new Set(demandsOf(backbone.layers).map(({ name }) => name.slice(0, name.lastIndexOf('/'))))
      : new Set(naming.table.values());
  return [...expected].filter((owner) => owners.has(owner)).length / expected.size;
}
