import { z } from 'zod';
import { messageOf } from '#contracts';
import type { OnnxGraph } from './proto.js';
import { type LayerWeights, refused, type Step } from './walk.js';

/** A layer's output inside the ONNX graph: pictures in NCHW, vectors as they are. `shape` stays [h, w, c] or [c]. */
export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  /** The same numbers of a vector as a picture of one pixel, [n, c, 1, 1], where the graph has them. */
  readonly pixel?: string;
}

/** A layer where its nodes are being written. */
export interface Site {
  readonly step: Step;
  readonly inputs: readonly Value[];
  readonly graph: OnnxGraph;
}

export const Pair = z.tuple([z.number(), z.number()]);
export const ChannelsLast = z.literal('channelsLast');
export const Activation = z.enum(['linear', 'relu', 'relu6', 'sigmoid', 'swish', 'softmax']);
export type Activation = z.infer<typeof Activation>;

/** The layer's only input. */
export function one({ step, inputs }: Site): Value {
  const [input, ...others] = inputs;
  if (input !== undefined && others.length === 0) return input;
  throw refused(step.layer, `has ${inputs.length} inputs where one is expected`);
}

/** A weight by its place in the layer's own order. */
export function weight({ step }: Site, index: number): LayerWeights {
  const found = step.weights[index];
  if (found === undefined)
    throw refused(step.layer, `has ${step.weights.length} weights, number ${index + 1} is missing`);
  return found;
}

/** Add a weight that is a vector as a constant; returns its name. */
export function vector(site: Site, index: number, name: string): string {
  const { shape, data } = weight(site, index);
  return site.graph.floats(`${site.step.layer}/${name}`, data, shape);
}

/** The layer's settings, checked: one that has no ONNX form here is EXPORT_LAYER. */
export function configOf<T>({ step }: Site, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(step.config);
  if (parsed.success) return parsed.data;
  throw refused(step.layer, `(${step.kind}) has a setting that has no ONNX form here: ${messageOf(parsed.error)}`);
}

/** Add an activation after a value; returns the name of its output. */
export function activate(site: Site, input: string, activation: Activation): string {
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
    case 'swish': {
      const gate = graph.node('Sigmoid', { inputs: [input], output: `${step.layer}/sigmoid` });
      return graph.node('Mul', { inputs: [input, gate], output });
    }
    case 'softmax':
      return graph.node('Softmax', {
        inputs: [input],
        output,
        attributes: { axis: step.shape.length === 3 ? 1 : -1 },
      });
  }
}
