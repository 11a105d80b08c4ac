import { z } from 'zod';
import { scaleShiftOf } from './fold-norms.js';
import type { OnnxGraph } from './proto.js';
import { type LayerWeights, refused, type Step } from './walk.js';

/** A layer's output inside the ONNX graph: pictures in NCHW, vectors as they are. `shape` stays [h, w, c] or [c]. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
}

interface Site {
  readonly step: Step;
  readonly inputs: readonly Value[];
  readonly graph: OnnxGraph;
}

/** Writes the nodes of one layer; returns the name of its output. */
type Operator = (site: Site) => string;

const Pair = z.tuple([z.number(), z.number()]);
const Padding = z.enum(['same', 'valid']);
const ChannelsLast = z.literal('channelsLast');
const Activation = z.enum(['linear', 'relu', 'relu6', 'sigmoid', 'softmax']);

const Window = z.object({ strides: Pair, padding: Padding, dataFormat: ChannelsLast });
const ConvConfig = Window.extend({
  kernelSize: Pair,
  dilationRate: Pair,
  activation: Activation,
  useBias: z.boolean(),
});
const PoolConfig = Window.extend({ poolSize: Pair });
const DenseConfig = z.object({ activation: Activation, useBias: z.boolean() });
const ActivationConfig = z.object({ activation: Activation });
const ReluConfig = z.object({ maxValue: z.number().optional() });
const LastAxis = z.object({ axis: z.literal(-1).or(z.number().min(1)) });
const PadConfig = z.object({ padding: z.tuple([Pair, Pair]), dataFormat: ChannelsLast });
const PoolingConfig = z.object({ dataFormat: ChannelsLast });

/** Every layer that can be exported; a missing one is EXPORT_LAYER, never a guess. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  Conv2D: (site) => convolution(site, 1),
  DepthwiseConv2D: (site) => convolution(site, one(site).shape[2] ?? 0),
  ZeroPadding2D: zeroPadding,
  BatchNormalization: batchNorm,
  Add: addition,
  GlobalAveragePooling2D: globalAverage,
  MaxPooling2D: maxPooling,
  Dense: dense,
  Dropout: (site) => one(site).name,
  Activation: (site) => activate(site, one(site).name, configOf(site, ActivationConfig).activation),
  ReLU: relu,
  Softmax: softmax,
  Flatten: reshape,
  Reshape: reshape,
};

/** HWIO (or HWCM, `groups` = C) -> OIHW. */
function convolution(site: Site, groups: number): string {
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
  const { shape } = one(site);
  const totals = [0, 1].map((axis) => {
    const [side = 0, stride = 1] = [shape[axis], window.strides[axis]];
    const reach = ((size[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1;
    return Math.max(0, (Math.ceil(side / stride) - 1) * stride + reach - side);
  });
  const before = totals.map((total) => Math.floor(total / 2));
  return [...before, ...totals.map((total, axis) => total - (before[axis] ?? 0))];
}

function zeroPadding(site: Site): string {
  const [[top, bottom], [left, right]] = configOf(site, PadConfig).padding;
  const { layer } = site.step;
  const pads = site.graph.integers(`${layer}/pads`, [0, 0, top, left, 0, 0, bottom, right]);
  return site.graph.node('Pad', { inputs: [one(site).name, pads], output: `${layer}/pad` });
}

/** A batch norm that could not be folded into a convolution. */
function batchNorm(site: Site): string {
  const { step, graph } = site;
  const { scale, shift } = scaleShiftOf(step);
  const dims = step.shape.length === 3 ? [1, scale.length, 1, 1] : [scale.length];
  const scaled = graph.node('Mul', {
    inputs: [one(site).name, graph.floats(`${step.layer}/scale`, scale, dims)],
    output: `${step.layer}/mul`,
  });
  return graph.node('Add', {
    inputs: [scaled, graph.floats(`${step.layer}/shift`, shift, dims)],
    output: `${step.layer}/add`,
  });
}

function addition({ step, inputs, graph }: Site): string {
  const [first, ...others] = inputs.map((value) => value.name);
  if (first === undefined || others.length === 0) throw refused(step.layer, 'adds fewer than two inputs');
  return others.reduce(
    (sum, next, i) => graph.node('Add', { inputs: [sum, next], output: `${step.layer}/add${i + 1}` }),
    first,
  );
}

function globalAverage(site: Site): string {
  configOf(site, PoolingConfig);
  const { layer } = site.step;
  const pooled = site.graph.node('GlobalAveragePool', { inputs: [one(site).name], output: `${layer}/pool` });
  return site.graph.node('Flatten', { inputs: [pooled], output: `${layer}/flat`, attributes: { axis: 1 } });
}

function maxPooling(site: Site): string {
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

function dense(site: Site): string {
  const { step, graph } = site;
  if (one(site).shape.length !== 1) throw refused(step.layer, 'is dense over a picture: pool or flatten first');
  const { activation, useBias } = configOf(site, DenseConfig);
  const { shape, data } = weight(site, 0);
  const inputs = [one(site).name, graph.floats(`${step.layer}/kernel`, data, shape)];
  if (useBias) inputs.push(vector(site, 1, 'bias'));
  return activate(site, graph.node('Gemm', { inputs, output: `${step.layer}/gemm` }), activation);
}

function relu(site: Site): string {
  const { maxValue } = configOf(site, ReluConfig);
  if (maxValue !== undefined && maxValue !== 6)
    throw refused(site.step.layer, `is a ReLU capped at ${maxValue}, not 6`);
  return activate(site, one(site).name, maxValue === 6 ? 'relu6' : 'relu');
}

function softmax(site: Site): string {
  const { axis } = configOf(site, LastAxis);
  if (axis !== -1 && axis !== site.step.shape.length) throw refused(site.step.layer, `is a softmax over axis ${axis}`);
  return activate(site, one(site).name, 'softmax');
}

function activate(site: Site, input: string, activation: z.infer<typeof Activation>): string {
  const { step, graph } = site;
  const output = `${step.layer}/${activation}`;
  switch (activation) {
    case 'linear':
      return input;
    case 'relu':
      return graph.node('Relu', { inputs: [input], output });
    case 'relu6': {
      const low = graph.floats(`${step.layer}/0`, new Float32Array([0]), []);
      const high = graph.floats(`${step.layer}/6`, new Float32Array([6]), []);
      return graph.node('Clip', { inputs: [input, low, high], output });
    }
    case 'sigmoid':
      return graph.node('Sigmoid', { inputs: [input], output });
    case 'softmax':
      return graph.node('Softmax', {
        inputs: [input],
        output,
        attributes: { axis: step.shape.length === 3 ? 1 : -1 },
      });
  }
}

/** Keras counts the elements of a picture row by row with the channel last, so NCHW turns back first. */
function reshape(site: Site): string {
  const { step, graph } = site;
  if (step.shape.length !== 1 && step.shape.length !== 3) {
    throw refused(step.layer, `reshapes to [${step.shape.join(', ')}], which is neither picture nor vector`);
  }
  const flat = toPictureOrder(graph, one(site), `${step.layer}/nhwc`);
  // 0 copies the batch dimension (ONNX Reshape, allowzero = 0).
  const shape = graph.integers(`${step.layer}/shape`, [0, ...step.shape]);
  const shaped = graph.node('Reshape', { inputs: [flat, shape], output: `${step.layer}/reshape` });
  if (step.shape.length === 1) return shaped;
  return graph.node('Transpose', {
    inputs: [shaped],
    output: `${step.layer}/nchw`,
    attributes: { perm: [0, 3, 1, 2] },
  });
}

/** NCHW -> NHWC for pictures; vectors have one order only. */
export function toPictureOrder(graph: OnnxGraph, value: Value, output: string): string {
  if (value.shape.length !== 3) return value.name;
  return graph.node('Transpose', { inputs: [value.name], output, attributes: { perm: [0, 2, 3, 1] } });
}

function one({ step, inputs }: Site): Value {
  const [input, ...others] = inputs;
  if (input !== undefined && others.length === 0) return input;
  throw refused(step.layer, `has ${inputs.length} inputs where one is expected`);
}

function weight({ step }: Site, index: number): LayerWeights {
  const found = step.weights[index];
  if (found === undefined)
    throw refused(step.layer, `has ${step.weights.length} weights, number ${index + 1} is missing`);
  return found;
}

function vector(site: Site, index: number, name: string): string {
  const { shape, data } = weight(site, index);
  return site.graph.floats(`${site.step.layer}/${name}`, data, shape);
}

function configOf<T>({ step }: Site, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(step.config);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw refused(step.layer, `(${step.kind}) has a setting that has no ONNX form here: ${problems.join('; ')}`);
}
