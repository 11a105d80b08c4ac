import type { Sketch } from './sketch.js';
import { CAFFE_COLOURS, defineNetwork, IMAGENET_COLOURS, type Network, type Variant } from './variant.js';

/** Filters of the 3x3 convolutions per stage (He et al. 2015, arXiv:1512.03385, table 1); stages count from conv2. */
const FILTERS = [64, 128, 256, 512] as const;
/** A block widens by this at its end. */
const EXPANSION = 4;

interface ResNetVariant extends Variant {
  /** Where a stage's first block halves the map: in its first 1x1 as published, or in its 3x3 ("v1.5"). */
  readonly strideOn: '1x1' | '3x3';
  readonly convBias: boolean;
  readonly epsilon: number;
}

const TORCH = {
  normalise: IMAGENET_COLOURS,
  channels: 'rgb',
  strideOn: '3x3',
  convBias: false,
  epsilon: 1e-5,
} as const;
const VARIANTS: readonly ResNetVariant[] = [
  {
    name: 'keras',
    normalise: CAFFE_COLOURS,
    channels: 'bgr',
    licence: 'MIT',
    strideOn: '1x1',
    convBias: true,
    epsilon: 1.001e-5,
  },
  { name: 'torchvision', ...TORCH, licence: null },
  { name: 'timm', ...TORCH, licence: 'Apache-2.0' },
];

/** ResNet50, 101 and 152: bottleneck blocks around shortcuts. */
export const RESNETS: readonly Network[] = [
  resnet('resnet50', [3, 4, 6, 3]),
  resnet('resnet101', [3, 4, 23, 3]),
  resnet('resnet152', [3, 8, 36, 3]),
];

/** @param depths blocks per stage */
function resnet(name: string, depths: readonly number[]): Network {
  return defineNetwork({
    name,
    inputSize: 224,
    variants: VARIANTS,
    classifier: ['predictions'],
    paper: 'arXiv:1512.03385',
    write: (sketch, variant) => writeResNet(sketch, depths, variant),
  });
}

function writeResNet(sketch: Sketch, depths: readonly number[], variant: ResNetVariant): void {
  sketch.input();
  sketch.identity('conv1_pad');
  sketch.conv('conv1_conv', { filters: 64, kernel: 7, stride: 2, padding: 3, bias: variant.convBias });
  sketch.norm('conv1_bn', variant.epsilon);
  sketch.activation('conv1_relu', 'relu');
  sketch.identity('pool1_pad');
  sketch.maxPool('pool1_pool', { size: 3, stride: 2, padding: 1 });
  for (const [stage, filters] of FILTERS.entries()) {
    for (let i = 1; i <= (depths[stage] ?? 0); i++) {
      const stride = i === 1 && stage > 0 ? 2 : 1;
      writeBlock(sketch, { block: `conv${stage + 2}_block${i}`, filters, stride, isFirst: i === 1 }, variant);
    }
  }
}

interface Block {
  readonly block: string;
  readonly filters: number;
  readonly stride: number;
  /** The first block of a stage changes the map's shape, so that its shortcut needs a convolution. */
  readonly isFirst: boolean;
}

/** One bottleneck block. Keras sorts layers by depth: a shortcut's convolution and norm stand beside the last ones. */
function writeBlock(sketch: Sketch, { block, filters, stride, isFirst }: Block, variant: ResNetVariant): void {
  sketch.enter(block);
  const input = sketch.last;
  const { convBias: bias, epsilon, strideOn } = variant;
  const wide = { filters: EXPANSION * filters, kernel: 1, bias };
  sketch.conv(`${block}_1_conv`, { filters, kernel: 1, stride: strideOn === '1x1' ? stride : 1, bias });
  sketch.norm(`${block}_1_bn`, epsilon);
  sketch.activation(`${block}_1_relu`, 'relu');
  const inner = strideOn === '3x3' ? stride : 1;
  sketch.conv(`${block}_2_conv`, { filters, kernel: 3, stride: inner, padding: inner === 1 ? 'same' : 1, bias });
  sketch.norm(`${block}_2_bn`, epsilon);
  const narrow = sketch.activation(`${block}_2_relu`, 'relu');
  const direct = isFirst ? sketch.conv(`${block}_0_conv`, { ...wide, stride }, input) : null;
  const last = sketch.conv(`${block}_3_conv`, wide, narrow);
  const shortcut = direct === null ? input : sketch.norm(`${block}_0_bn`, epsilon, direct);
  const output = sketch.norm(`${block}_3_bn`, epsilon, last);
  sketch.add(`${block}_add`, shortcut, output);
  sketch.activation(`${block}_out`, 'relu');
}
