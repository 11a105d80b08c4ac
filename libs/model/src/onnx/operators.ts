import { z } from 'zod';
import { defectOdds, patchDistance } from './one-class.js';
import type { OnnxGraph } from './proto.js';
import {
  Activation,
  activate,
  ChannelsLast,
  configOf,
  one,
  Pair,
  type Site,
  type Value,
  vector,
  weight,
} from './site.js';
import { refused } from './walk.js';
import { convolution, maxPooling } from './windows.js';

/** Writes the nodes of one layer; returns its output: the name, and the same numbers as one pixel where they are. */
type Operator = (site: Site) => string | Pick<Value, 'name' | 'pixel'>;

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
  Add: (site) => merge(site, 'Add'),
  Multiply: (site) => merge(site, 'Mul'),
  GlobalAveragePooling2D: (site) => globalPooling(site, 'GlobalAveragePool'),
  GlobalMaxPooling2D: (site) => globalPooling(site, 'GlobalMaxPool'),
  Concatenate: concatenate,
  MaxPooling2D: maxPooling,
  Dense: dense,
  Dropout: (site) => one(site).name,
  Activation: (site) => activate(site, one(site).name, configOf(site, ActivationConfig).activation),
  ReLU: relu,
  Softmax: softmax,
  PatchDistance: patchDistance,
  DefectOdds: defectOdds,
  Flatten: reshape,
  Reshape: reshape,
};

function zeroPadding(site: Site): string {
  const [[top, bottom], [left, right]] = configOf(site, PadConfig).padding;
  const { layer } = site.step;
  const pads = site.graph.integers(`${layer}/pads`, [0, 0, top, left, 0, 0, bottom, right]);
  // Minus zero: ONNX Runtime up to 1.30 moves a pad of plus zero into a max pooling, which pads with minus infinity.
  const zero = site.graph.floats(`${layer}/zero`, new Float32Array([-0]), []);
  return site.graph.node('Pad', { inputs: [one(site).name, pads, zero], output: `${layer}/pad` });
}

/** Elementwise over equal ranks; a side of 1 is stretched, as squeeze-excite needs it. */
function merge({ step, inputs, graph }: Site, operator: 'Add' | 'Mul'): string {
  const [first, ...others] = inputs;
  if (first === undefined || others.length === 0) throw refused(step.layer, 'joins fewer than two inputs');
  if (others.some(({ shape }) => shape.length !== first.shape.length)) {
    throw refused(step.layer, `joins ${inputs.map(({ shape }) => `[${shape.join(', ')}]`).join(' and ')}`);
  }
  return others.reduce(
    (sum, { name }, i) =>
      graph.node(operator, { inputs: [sum, name], output: `${step.layer}/${operator.toLowerCase()}${i + 1}` }),
    first.name,
  );
}

function globalPooling(site: Site, operator: 'GlobalAveragePool' | 'GlobalMaxPool'): Pick<Value, 'name' | 'pixel'> {
  configOf(site, PoolingConfig);
  const { layer } = site.step;
  const pixel = site.graph.node(operator, { inputs: [one(site).name], output: `${layer}/pool` });
  const name = site.graph.node('Flatten', { inputs: [pixel], output: `${layer}/flat`, attributes: { axis: 1 } });
  return { name, pixel };
}

/** Vectors end to end, or pictures channel by channel: axis 1 in both. */
function concatenate(site: Site): string {
  const { step, inputs, graph } = site;
  const { axis } = configOf(site, LastAxis);
  if (axis !== -1 && axis !== step.shape.length) throw refused(step.layer, `joins along axis ${axis}, not the last`);
  const names = inputs.map(({ name }) => name);
  return graph.node('Concat', { inputs: names, output: `${step.layer}/concat`, attributes: { axis: 1 } });
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

/** Keras counts the elements of a picture row by row with the channel last, so NCHW turns back first. */
function reshape(site: Site): string {
  const { step, graph } = site;
  if (step.shape.length !== 1 && step.shape.length !== 3) {
    throw refused(step.layer, `reshapes to [${step.shape.join(', ')}], which is neither picture nor vector`);
  }
  const { pixel } = one(site);
  if (pixel !== undefined && step.shape[0] === 1 && step.shape[1] === 1) return pixel;
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
