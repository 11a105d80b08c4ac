import type { Normalise } from '../card.js';
import { type Backbone, defineBackbone } from './backbone.js';
import { TOP } from './layer.js';
import { Sketch } from './sketch.js';

/**
 * Rows of EfficientNet-B0 (Tan & Le 2019, arXiv:1905.11946, table 1). The Lite variants drop squeeze-excite, use
 * ReLU6 and keep the stem, the head and the depth of the first and last stage unscaled
 * (tensorflow/tpu, efficientnet/lite).
 */
interface Row {
  readonly kernel: 3 | 5;
  readonly repeats: number;
  readonly filters: number;
  readonly expand: 1 | 6;
  readonly stride: 1 | 2;
}

const ROWS: readonly Row[] = [
  { kernel: 3, repeats: 1, filters: 16, expand: 1, stride: 1 },
  { kernel: 3, repeats: 2, filters: 24, expand: 6, stride: 2 },
  { kernel: 5, repeats: 2, filters: 40, expand: 6, stride: 2 },
  { kernel: 3, repeats: 3, filters: 80, expand: 6, stride: 2 },
  { kernel: 5, repeats: 3, filters: 112, expand: 6, stride: 1 },
  { kernel: 5, repeats: 4, filters: 192, expand: 6, stride: 2 },
  { kernel: 3, repeats: 1, filters: 320, expand: 6, stride: 1 },
];
const STEM_FILTERS = 32;
const TOP_FILTERS = 1280;
const NORM_EPSILON = 1e-3;
const PAPER = 'arXiv:1905.11946';
const LITE_NORMALISE: Normalise = { mean: [127, 127, 127], std: [128, 128, 128] };

interface Scaling {
  readonly width: number;
  readonly depth: number;
  readonly inputSize: number;
}

/** EfficientNet-Lite0: 4.7 M parameters with its classifier, 3,413,024 without (running statistics included). */
export const efficientNetLite0 = lite('efficientnet-lite0', { width: 1, depth: 1, inputSize: 224 });

/** Lite networks as TensorFlow built them: the reference of their checkpoints. */
function lite(name: string, { width, depth, inputSize }: Scaling): Backbone {
  const sketch = new Sketch();
  sketch.input();
  sketch.conv('stem_conv', { filters: STEM_FILTERS, kernel: 3, stride: 2 });
  sketch.norm('stem_bn', NORM_EPSILON);
  sketch.activation('stem_activation', 'relu6');
  let filtersIn = STEM_FILTERS;
  for (const [stage, row] of ROWS.entries()) {
    const isEnd = stage === 0 || stage === ROWS.length - 1;
    const repeats = isEnd ? row.repeats : Math.ceil(row.repeats * depth);
    const filtersOut = roundFilters(row.filters * width);
    for (let i = 0; i < repeats; i++) {
      const block = `block${stage + 1}${String.fromCharCode(97 + i)}`;
      writeBlock(sketch, { ...row, block, filtersIn, filtersOut, stride: i === 0 ? row.stride : 1 });
      filtersIn = filtersOut;
    }
  }
  sketch.enter(TOP);
  sketch.conv('top_conv', { filters: TOP_FILTERS, kernel: 1 });
  sketch.norm('top_bn', NORM_EPSILON);
  sketch.activation('top_activation', 'relu6');
  return defineBackbone({
    name,
    variant: 'tensorflow',
    inputSize,
    normalise: LITE_NORMALISE,
    channels: 'rgb',
    classifier: [],
    openFrom: 'block5b',
    paper: PAPER,
    layers: sketch.layers,
  });
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
function writeBlock(sketch: Sketch, { block, kernel, stride, expand, filtersIn, filtersOut }: Block): void {
  sketch.enter(block);
  const input = sketch.last;
  if (expand > 1) {
    sketch.conv(`${block}_expand_conv`, { filters: filtersIn * expand, kernel: 1 });
    sketch.norm(`${block}_expand_bn`, NORM_EPSILON);
    sketch.activation(`${block}_expand_activation`, 'relu6');
  }
  sketch.depthwise(`${block}_dwconv`, { kernel, stride });
  sketch.norm(`${block}_bn`, NORM_EPSILON);
  sketch.activation(`${block}_activation`, 'relu6');
  sketch.conv(`${block}_project_conv`, { filters: filtersOut, kernel: 1 });
  const output = sketch.norm(`${block}_project_bn`, NORM_EPSILON);
  if (stride === 1 && filtersIn === filtersOut) sketch.add(`${block}_add`, output, input);
}

/** To the nearest multiple of 8, never more than 10 % below. */
function roundFilters(filters: number): number {
  const rounded = Math.max(8, Math.floor((filters + 4) / 8) * 8);
  return rounded < 0.9 * filters ? rounded + 8 : rounded;
}
