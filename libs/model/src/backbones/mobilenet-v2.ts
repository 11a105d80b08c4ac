import { TOP } from './layer.js';
import { roundFilters } from './round-filters.js';
import type { Sketch } from './sketch.js';
import { CENTRED_COLOURS, defineNetwork, edge, IMAGENET_COLOURS, type Network, type Variant } from './variant.js';

/** Rows of MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381, table 2). */
const ROWS = [
  { expand: 1, filters: 16, repeats: 1, stride: 1 },
  { expand: 6, filters: 24, repeats: 2, stride: 2 },
  { expand: 6, filters: 32, repeats: 3, stride: 2 },
  { expand: 6, filters: 64, repeats: 4, stride: 2 },
  { expand: 6, filters: 96, repeats: 3, stride: 1 },
  { expand: 6, filters: 160, repeats: 3, stride: 2 },
  { expand: 6, filters: 320, repeats: 1, stride: 1 },
] as const;
const STEM_FILTERS = 32;
const TOP_FILTERS = 1280;
/** Widths that weights were published for. */
const ALPHAS = [0.35, 0.5, 0.75, 1, 1.3, 1.4];

interface MobileNetVariant extends Variant {
  readonly padding: 'same' | 'symmetric';
  readonly epsilon: number;
}

const TORCH = { normalise: IMAGENET_COLOURS, channels: 'rgb', padding: 'symmetric', epsilon: 1e-5 } as const;
const VARIANTS: readonly MobileNetVariant[] = [
  {
    name: 'keras',
    normalise: CENTRED_COLOURS,
    channels: 'rgb',
    licence: 'Apache-2.0',
    padding: 'same',
    epsilon: 1e-3,
  },
  { name: 'torchvision', ...TORCH, licence: null },
  { name: 'timm', ...TORCH, licence: 'Apache-2.0' },
];

/** timm has every width but this. */
const NOT_IN_TIMM = 1.3;

/** MobileNetV2 by width: `mobilenet-v2` is the full one, `mobilenet-v2-0.35` the narrowest. */
export const MOBILENETS: readonly Network[] = ALPHAS.map((alpha) =>
  defineNetwork({
    name: alpha === 1 ? 'mobilenet-v2' : `mobilenet-v2-${alpha}`,
    inputSize: 224,
    variants: VARIANTS.filter(({ name }) => name !== 'timm' || alpha !== NOT_IN_TIMM),
    classifier: ['predictions'],
    paper: 'arXiv:1801.04381',
    write: (sketch, variant) => writeMobileNet(sketch, alpha, variant),
  }),
);

function writeMobileNet(sketch: Sketch, alpha: number, variant: MobileNetVariant): void {
  const { padding, epsilon } = variant;
  const stem = { kernel: 3, stride: 2 };
  let filtersIn = roundFilters(STEM_FILTERS * alpha);
  sketch.input();
  sketch.conv('Conv1', { filters: filtersIn, ...stem, padding: edge(padding, stem) });
  sketch.norm('bn_Conv1', epsilon);
  sketch.activation('Conv1_relu', 'relu6');
  let index = 0;
  for (const row of ROWS) {
    const filtersOut = roundFilters(row.filters * alpha);
    for (let i = 0; i < row.repeats; i++) {
      const block = index === 0 ? 'expanded_conv' : `block_${index}`;
      const { expand } = row;
      writeBlock(sketch, { block, expand, filtersIn, filtersOut, stride: i === 0 ? row.stride : 1 }, variant);
      filtersIn = filtersOut;
      index += 1;
    }
  }
  sketch.enter(TOP);
  // The last convolution widens with the network but never narrows.
  sketch.conv('Conv_1', { filters: alpha > 1 ? roundFilters(TOP_FILTERS * alpha) : TOP_FILTERS, kernel: 1 });
  sketch.norm('Conv_1_bn', epsilon);
  sketch.activation('out_relu', 'relu6');
}

interface Block {
  readonly block: string;
  readonly expand: number;
  readonly filtersIn: number;
  readonly filtersOut: number;
  readonly stride: number;
}

/** One inverted-residual block. */
function writeBlock(sketch: Sketch, row: Block, { padding, epsilon }: MobileNetVariant): void {
  const { block, expand, filtersIn, filtersOut, stride } = row;
  const window = { kernel: 3, stride };
  sketch.enter(block);
  const input = sketch.last;
  if (expand > 1) {
    sketch.conv(`${block}_expand`, { filters: expand * filtersIn, kernel: 1 });
    sketch.norm(`${block}_expand_BN`, epsilon);
    sketch.activation(`${block}_expand_relu`, 'relu6');
  }
  if (stride === 2) sketch.identity(`${block}_pad`);
  sketch.depthwise(`${block}_depthwise`, { ...window, padding: edge(padding, window) });
  sketch.norm(`${block}_depthwise_BN`, epsilon);
  sketch.activation(`${block}_depthwise_relu`, 'relu6');
  sketch.conv(`${block}_project`, { filters: filtersOut, kernel: 1 });
  const output = sketch.norm(`${block}_project_BN`, epsilon);
  if (stride === 1 && filtersIn === filtersOut) sketch.add(`${block}_add`, input, output);
}
