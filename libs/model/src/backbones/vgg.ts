import type { Sketch } from './sketch.js';
import { CAFFE_COLOURS, defineNetwork, IMAGENET_COLOURS, type Network, type Variant } from './variant.js';

/** Blocks of VGG (Simonyan & Zisserman 2014, arXiv:1409.1556, table 1): columns D and E differ in the last three. */
const FILTERS = [64, 128, 256, 512, 512] as const;

const VARIANTS: readonly Variant[] = [
  { name: 'keras', normalise: CAFFE_COLOURS, channels: 'bgr', licence: 'CC-BY-4.0' },
  { name: 'torchvision', normalise: IMAGENET_COLOURS, channels: 'rgb', licence: null },
  { name: 'timm', normalise: IMAGENET_COLOURS, channels: 'rgb', licence: 'BSD-3-Clause' },
];

/** VGG16 and VGG19: plain stacks of 3x3 convolutions, large and slow, with the finest maps of all. */
export const VGGS: readonly Network[] = [vgg('vgg16', [2, 2, 3, 3, 3]), vgg('vgg19', [2, 2, 4, 4, 4])];

/** @param depths convolutions per block */
function vgg(name: string, depths: readonly number[]): Network {
  return defineNetwork({
    name,
    inputSize: 224,
    variants: VARIANTS,
    classifier: ['fc1', 'fc2', 'predictions'],
    paper: 'arXiv:1409.1556',
    write: (sketch) => writeVgg(sketch, depths),
  });
}

/** The first convolution is the stem; the rest of its block is a block of its own. */
function writeVgg(sketch: Sketch, depths: readonly number[]): void {
  sketch.input();
  for (const [i, filters] of FILTERS.entries()) {
    const block = `block${i + 1}`;
    if (i > 0) sketch.enter(block);
    for (let conv = 1; conv <= (depths[i] ?? 0); conv++) {
      sketch.conv(`${block}_conv${conv}`, { filters, kernel: 3, bias: true, activation: 'relu' });
      sketch.enter(block);
    }
    sketch.maxPool(`${block}_pool`, { size: 2, stride: 2 });
  }
}
