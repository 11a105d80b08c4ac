import { TOP } from './layer.js';
import { roundFilters } from './round-filters.js';
import type { Sketch } from './sketch.js';
import { CENTRED_COLOURS, defineNetwork, edge, IMAGENET_COLOURS, type Network, type Variant } from './variant.js';

/** Rows of EfficientNet-B0 (Tan & Le 2019, arXiv:1905.11946, table 1), which every member scales. */
const ROWS = [
  { kernel: 3, repeats: 1, filters: 16, expand: 1, stride: 1 },
  { kernel: 3, repeats: 2, filters: 24, expand: 6, stride: 2 },
  { kernel: 5, repeats: 2, filters: 40, expand: 6, stride: 2 },
  { kernel: 3, repeats: 3, filters: 80, expand: 6, stride: 2 },
  { kernel: 5, repeats: 3, filters: 112, expand: 6, stride: 1 },
  { kernel: 5, repeats: 4, filters: 192, expand: 6, stride: 2 },
  { kernel: 3, repeats: 1, filters: 320, expand: 6, stride: 1 },
] as const;
const STEM_FILTERS = 32;
const TOP_FILTERS = 1280;
/** Squeeze-excite narrows to this share of the block's input. */
const SQUEEZE = 0.25;
const COMMON = { classifier: ['predictions'], paper: 'arXiv:1905.11946' };

interface EfficientNetVariant extends Variant {
  readonly padding: 'same' | 'symmetric';
  readonly epsilon: number;
  /** Whether mean and variance of the pictures come with the weights. */
  readonly bringsNormalisation: boolean;
}

interface Scaling {
  readonly width: number;
  readonly depth: number;
  readonly inputSize: number;
}

const TF = {
  normalise: IMAGENET_COLOURS,
  channels: 'rgb',
  licence: 'Apache-2.0',
  padding: 'same',
  epsilon: 1e-3,
  bringsNormalisation: false,
} as const;
const LITE_VARIANTS: readonly EfficientNetVariant[] = [
  { ...TF, name: 'tensorflow', normalise: { mean: [127, 127, 127], std: [128, 128, 128] } },
  { ...TF, name: 'timm-tf', normalise: CENTRED_COLOURS },
];

/** @param torchEpsilon of torchvision, which gave its networks from B5 on the norms of the reference */
function variantsOf(torchEpsilon: number): readonly EfficientNetVariant[] {
  return [
    { ...TF, name: 'keras', bringsNormalisation: true },
    { ...TF, name: 'torchvision', padding: 'symmetric', epsilon: torchEpsilon, licence: null },
    { ...TF, name: 'timm', padding: 'symmetric', epsilon: 1e-5 },
    { ...TF, name: 'timm-tf' },
  ];
}

/** EfficientNet-B0 to B7: swish and squeeze-excite. */
export const EFFICIENTNETS: readonly Network[] = [
  efficientNet('efficientnet-b0', { width: 1, depth: 1, inputSize: 224 }, 1e-5),
  efficientNet('efficientnet-b1', { width: 1, depth: 1.1, inputSize: 240 }, 1e-5),
  efficientNet('efficientnet-b2', { width: 1.1, depth: 1.2, inputSize: 260 }, 1e-5),
  efficientNet('efficientnet-b3', { width: 1.2, depth: 1.4, inputSize: 300 }, 1e-5),
  efficientNet('efficientnet-b4', { width: 1.4, depth: 1.8, inputSize: 380 }, 1e-5),
  efficientNet('efficientnet-b5', { width: 1.6, depth: 2.2, inputSize: 456 }, 1e-3),
  efficientNet('efficientnet-b6', { width: 1.8, depth: 2.6, inputSize: 528 }, 1e-3),
  efficientNet('efficientnet-b7', { width: 2, depth: 3.1, inputSize: 600 }, 1e-3),
];

/** EfficientNet-Lite0 to Lite4 (tensorflow/tpu, efficientnet/lite): ReLU6 and no squeeze-excite, made for int8. */
export const LITES: readonly Network[] = [
  lite('efficientnet-lite0', { width: 1, depth: 1, inputSize: 224 }),
  lite('efficientnet-lite1', { width: 1, depth: 1.1, inputSize: 240 }),
  lite('efficientnet-lite2', { width: 1.1, depth: 1.2, inputSize: 260 }),
  lite('efficientnet-lite3', { width: 1.2, depth: 1.4, inputSize: 280 }),
  lite('efficientnet-lite4', { width: 1.4, depth: 1.8, inputSize: 300 }),
];

function efficientNet(name: string, { inputSize, ...scaling }: Scaling, torchEpsilon: number): Network {
  return defineNetwork({
    ...COMMON,
    name,
    inputSize,
    variants: variantsOf(torchEpsilon),
    write: (sketch, variant) => writeNetwork(sketch, { ...variant, ...scaling, isLite: false }),
  });
}

function lite(name: string, { inputSize, ...scaling }: Scaling): Network {
  return defineNetwork({
    ...COMMON,
    name,
    inputSize,
    variants: LITE_VARIANTS,
    write: (sketch, variant) => writeNetwork(sketch, { ...variant, ...scaling, isLite: true }),
  });
}

interface Member extends EfficientNetVariant {
  readonly width: number;
  readonly depth: number;
  /** Lite networks list what computes and nothing else, and leave stem, top and first and last stage unscaled. */
  readonly isLite: boolean;
}

function writeNetwork(sketch: Sketch, member: Member): void {
  const { width, depth, isLite, epsilon } = member;
  const activation = isLite ? 'relu6' : 'swish';
  let filtersIn = writeStem(sketch, member);
  for (const [stage, row] of ROWS.entries()) {
    const isEnd = stage === 0 || stage === ROWS.length - 1;
    const repeats = isLite && isEnd ? row.repeats : Math.ceil(row.repeats * depth);
    const filtersOut = roundFilters(row.filters * width);
    for (let i = 0; i < repeats; i++) {
      const block = `block${stage + 1}${String.fromCharCode(97 + i)}`;
      writeBlock(sketch, { ...row, block, filtersIn, filtersOut, stride: i === 0 ? row.stride : 1 }, member);
      filtersIn = filtersOut;
    }
  }
  sketch.enter(TOP);
  sketch.conv('top_conv', { filters: isLite ? TOP_FILTERS : roundFilters(TOP_FILTERS * width), kernel: 1 });
  sketch.norm('top_bn', epsilon);
  sketch.activation('top_activation', activation);
}

/** Keras' list is the one of its ImageNet weights, which scales once more behind the normalisation. */
function writeStem(sketch: Sketch, { isLite, width, padding, epsilon, bringsNormalisation }: Member): number {
  const filters = isLite ? STEM_FILTERS : roundFilters(STEM_FILTERS * width);
  const window = { kernel: 3, stride: 2 };
  sketch.input();
  if (!isLite) {
    sketch.identity('rescaling');
    if (bringsNormalisation) sketch.normalization('normalization');
    else sketch.identity('normalization');
    sketch.identity('rescaling_1');
    sketch.identity('stem_conv_pad');
  }
  sketch.conv('stem_conv', { filters, ...window, padding: edge(padding, window) });
  sketch.norm('stem_bn', epsilon);
  sketch.activation('stem_activation', isLite ? 'relu6' : 'swish');
  return filters;
}

interface Block {
  readonly block: string;
  readonly kernel: number;
  readonly stride: number;
  readonly expand: number;
  readonly filtersIn: number;
  readonly filtersOut: number;
}

/** One inverted-residual block. */
function writeBlock(sketch: Sketch, row: Block, { isLite, padding, epsilon }: Member): void {
  const { block, expand, filtersIn, filtersOut, ...window } = row;
  const activation = isLite ? 'relu6' : 'swish';
  sketch.enter(block);
  const input = sketch.last;
  if (expand > 1) {
    sketch.conv(`${block}_expand_conv`, { filters: filtersIn * expand, kernel: 1 });
    sketch.norm(`${block}_expand_bn`, epsilon);
    sketch.activation(`${block}_expand_activation`, activation);
  }
  if (!isLite && window.stride === 2) sketch.identity(`${block}_dwconv_pad`);
  sketch.depthwise(`${block}_dwconv`, { ...window, padding: edge(padding, window) });
  sketch.norm(`${block}_bn`, epsilon);
  sketch.activation(`${block}_activation`, activation);
  if (!isLite) writeSqueezeExcite(sketch, row);
  sketch.conv(`${block}_project_conv`, { filters: filtersOut, kernel: 1 });
  sketch.norm(`${block}_project_bn`, epsilon);
  if (window.stride !== 1 || filtersIn !== filtersOut) return;
  // Keras drops whole branches while it trains, all but the network's first block's.
  if (!isLite && block !== 'block1a') sketch.identity(`${block}_drop`);
  sketch.add(`${block}_add`, sketch.last, input);
}

/** Weigh every channel by what two small layers make of all channels' means (Hu et al. 2017, arXiv:1709.01507). */
function writeSqueezeExcite(sketch: Sketch, { block, expand, filtersIn }: Block): void {
  const input = sketch.last;
  const narrow = Math.max(1, Math.floor(filtersIn * SQUEEZE));
  sketch.average(`${block}_se_squeeze`);
  sketch.onePixel(`${block}_se_reshape`);
  sketch.conv(`${block}_se_reduce`, { filters: narrow, kernel: 1, bias: true, activation: 'swish' });
  sketch.conv(`${block}_se_expand`, { filters: filtersIn * expand, kernel: 1, bias: true, activation: 'sigmoid' });
  sketch.multiply(`${block}_se_excite`, input, sketch.last);
}
