import { z } from 'zod';
import { Activation, activate, ChannelsLast, configOf, one, Pair, type Site, vector, weight } from './site.js';
import type { LayerWeights } from './walk.js';

/** Rows and columns added on each side, by {@link foldPads}. */
const Explicit = z.object({ rows: Pair, columns: Pair });
const Window = z.object({
  strides: Pair,
  padding: z.enum(['same', 'valid']).or(Explicit),
  dataFormat: ChannelsLast,
});
const ConvConfig = Window.extend({
  kernelSize: Pair,
  dilationRate: Pair,
  activation: Activation,
  useBias: z.boolean(),
});
const PoolConfig = Window.extend({ poolSize: Pair });

/** Conv2D with `groups` 1, DepthwiseConv2D with as many groups as input channels. */
export function convolution(site: Site, groups: number): string {
  const { step, graph } = site;
  const config = configOf(site, ConvConfig);
  const kernel = weight(site, 0);
  const [height = 0, width = 0, inner = 0, outer = 0] = kernel.shape;
  // Depthwise: ONNX counts the outputs of all groups and one input channel in each.
  const [out, into] = groups === 1 ? [outer, inner] : [inner * outer, 1];
  const name = `${step.layer}/kernel`;
  const inputs = [one(site).name, graph.floats(name, toOihw(kernel, out, into), [out, into, height, width])];
  if (config.useBias) inputs.push(vector(site, 1, 'bias'));
  const output = graph.node('Conv', {
    inputs,
    output: `${step.layer}/conv`,
    attributes: {
      kernel_shape: config.kernelSize,
      strides: config.strides,
      dilations: config.dilationRate,
      group: groups,
      pads: padsOf(site, config, config.kernelSize, config.dilationRate),
    },
  });
  return activate(site, output, config.activation);
}

/** HWIO (or HWCM, where O = C x M) -> OIHW. */
function toOihw({ shape, data }: LayerWeights, out: number, into: number): Float32Array {
  const area = (shape[0] ?? 0) * (shape[1] ?? 0);
  const turned = new Float32Array(data.length);
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < into; i++) {
      for (let p = 0; p < area; p++) turned[(o * into + i) * area + p] = data[(p * into + i) * out + o] ?? 0;
    }
  }
  return turned;
}

/**
 * TensorFlow's SAME: output = ceil(input / stride), and the odd row or column is added at the end. PyTorch and the
 * symmetric default of most exporters add it at the start, which shifts every stride-2 map by one pixel.
 */
function padsOf(site: Site, window: z.infer<typeof Window>, size: [number, number], dilation: [number, number]) {
  if (window.padding === 'valid') return [0, 0, 0, 0];
  if (window.padding !== 'same') {
    const { rows, columns } = window.padding;
    return [rows[0], columns[0], rows[1], columns[1]];
  }
  const { shape } = one(site);
  const totals = [0, 1].map((axis) => {
    const [side = 0, stride = 1] = [shape[axis], window.strides[axis]];
    const reach = ((size[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1;
    return Math.max(0, (Math.ceil(side / stride) - 1) * stride + reach - side);
  });
  const before = totals.map((total) => Math.floor(total / 2));
  return [...before, ...totals.map((total, axis) => total - (before[axis] ?? 0))];
}

export function maxPooling(site: Site): string {
  const config = configOf(site, PoolConfig);
  return site.graph.node('MaxPool', {
    inputs: [one(site).name],
    output: `${site.step.layer}/pool`,
    attributes: {
      kernel_shape: config.poolSize,
      strides: config.strides,
      pads: padsOf(site, config, config.poolSize, [1, 1]),
    },
  });
}
