import { countReaders } from '../count-readers.js';
import type { NetworkGraph } from './export.js';
import { ELEMENT, type GraphNode } from './proto.js';

/** Where a convolution, sum or product is cut off by the activation behind it, so that the range of int8 does the work. */
export interface Cut {
  readonly low: number;
  readonly high: number;
}

/** What of a network is computed in int8. */
export interface QuantisedParts {
  /** Nodes in int8, by output. */
  readonly nodes: ReadonlySet<string>;
  /** Activations that disappear into the range of the node before them: activation's output -> node. */
  readonly absorbed: ReadonlyMap<string, GraphNode>;
  /** Values that exist in int8, in the graph's order, with the cut of an absorbed activation. */
  readonly values: ReadonlyMap<string, Cut | null>;
  /** Values that must have the same range as another: a max pooling's output as its input. */
  readonly sameAs: ReadonlyMap<string, string>;
}

/** Operators that ONNX Runtime computes in int8 when they stand between dequantise and quantise. */
const OPERATORS = new Set(['Conv', 'Add', 'Mul', 'Sigmoid', 'GlobalAveragePool', 'MaxPool']);
const CUT_BEHIND = new Set(['Conv', 'Add', 'Mul']);

/**
 * Choose what is computed in int8: everything that works on feature maps. What works on one value per channel, as the
 * head and the gates of squeeze-excite, stays float, and so does what is exact: it is little work, and an error there moves whole channels.
 * @param kept nodes, by output, that stay float though they could be in int8
 */
export function chooseQuantised(net: NetworkGraph, kept: ReadonlySet<string>): QuantisedParts {
  const { graph, header } = net;
  const outputs = new Set(header.outputs.map(({ name }) => name));
  const readers = countReaders(graph.nodes);
  const nodes = new Set<string>();
  const byOutput = new Map(graph.nodes.map((node) => [node.output, node]));
  const absorbed = new Map<string, GraphNode>();
  const values = new Map<string, Cut | null>();
  const sameAs = new Map<string, string>();
  for (const node of graph.nodes) {
    const before = byOutput.get(node.inputs[0] ?? '');
    const cut = cutOf(net, node);
    if (cut !== null && before !== undefined && nodes.has(before.output) && CUT_BEHIND.has(before.operator)) {
      if (readers.get(before.output) !== 1 || outputs.has(before.output)) continue;
      absorbed.set(node.output, before);
      values.delete(before.output);
      values.set(node.output, cut);
    } else if (isQuantisable(net, node) && !kept.has(node.output) && !net.exact.has(node.output)) {
      nodes.add(node.output);
      for (const input of activationsOf(net, node)) if (!values.has(input)) values.set(input, null);
      values.set(node.output, null);
      if (node.operator === 'MaxPool') sameAs.set(node.output, node.inputs[0] ?? '');
    }
  }
  return { nodes, absorbed, values, sameAs };
}

/**
 * Nodes that work on maps wider than a quarter of the picture. The first layers see raw contrast, few channels and a range
 * that a whole value shares: in int8 they do the most harm.
 */
export function widestNodes(net: NetworkGraph): Set<string> {
  const width = net.shapes.get(net.picture)?.[1] ?? 0;
  const isWide = (value: string) => (net.shapes.get(value)?.[1] ?? 0) > width / 4;
  return new Set(net.graph.nodes.filter(({ inputs }) => inputs.some(isWide)).map(({ output }) => output));
}

function isQuantisable(net: NetworkGraph, node: GraphNode): boolean {
  return OPERATORS.has(node.operator) && activationsOf(net, node).some((input) => isMap(net, input));
}

function activationsOf({ graph }: NetworkGraph, { inputs }: GraphNode): string[] {
  return inputs.filter((input) => !graph.constants.has(input));
}

/** True for values with more than one pixel. */
function isMap({ shapes }: NetworkGraph, value: string): boolean {
  const [height = 1, width = 1, channels] = shapes.get(value) ?? [];
  return channels !== undefined && height * width > 1;
}

function cutOf({ graph }: NetworkGraph, { operator, inputs }: GraphNode): Cut | null {
  if (operator === 'Relu') return { low: 0, high: Number.POSITIVE_INFINITY };
  if (operator !== 'Clip') return null;
  const [low, high] = inputs.slice(1).map((name) => {
    const found = graph.constants.get(name);
    return found?.element === ELEMENT.float32 ? Number(found.values[0]) : Number.NaN;
  });
  return low === undefined || high === undefined || Number.isNaN(low + high) ? null : { low, high };
}
