import { InvariantError } from '#contracts';
import type { ChannelRanges } from './calibration.js';
import { biasOf, type Codes, codesOf, type Range, weightsOf } from './codes.js';
import type { NetworkGraph } from './export.js';
import { FULL_WEIGHT, NARROW_METADATA, NARROW_WEIGHT } from './narrow-weights.js';
import { ELEMENT, type GraphNode, OnnxGraph } from './proto.js';
import type { QuantisedParts } from './quantised-parts.js';

/** How a network is put into int8. */
export interface Quantising {
  readonly parts: QuantisedParts;
  readonly ranges: ChannelRanges;
  readonly weights: 'narrow' | 'full';
}

/**
 * The same network with its feature maps in int8, as quantise - dequantise pairs that ONNX Runtime fuses: uint8
 * activations per tensor, int8 weights per output channel, int32 biases.
 * @param how `ranges` of every value in `parts.values`; `weights` of seven bits, whose products no CPU cuts off, or of eight
 */
export function quantise(net: NetworkGraph, how: Quantising): NetworkGraph {
  const { parts, ranges, weights } = how;
  const { graph, picture, shapes, exact } = net;
  const isNarrow = weights === 'narrow';
  const header = isNarrow ? { ...net.header, metadata: { ...net.header.metadata, ...NARROW_METADATA } } : net.header;
  const written = new OnnxGraph();
  const codes = new Map<string, Codes>();
  for (const name of parts.values.keys()) {
    codes.set(name, codes.get(parts.sameAs.get(name) ?? '') ?? codesOf(rangeOf(name, { parts, ranges })));
  }
  const floats = new Set<string>([header.input.name]);

  const copyConstant = (name: string): string => {
    const found = graph.constants.get(name);
    if (found !== undefined && !written.constants.has(name)) written.constant(name, found);
    return name;
  };
  /** A float node reads what a float node wrote as it is; everything else reads what int8 left of it. */
  const read = (name: string, isQuantised: boolean): string => {
    if (graph.constants.has(name)) return copyConstant(name);
    return codes.has(name) && (isQuantised || !floats.has(name)) ? `${name}/dq` : name;
  };
  const writeCodes = (name: string): void => {
    const own = codes.get(name);
    if (own === undefined) return;
    const scale = written.floats(`${name}/scale`, new Float32Array([own.scale]), []);
    const zero = written.constant(`${name}/zero`, {
      element: ELEMENT.uint8,
      dims: [],
      values: new Uint8Array([own.zero]),
    });
    const q = written.node('QuantizeLinear', { inputs: [name, scale, zero], output: `${name}/q` });
    written.node('DequantizeLinear', { inputs: [q, scale, zero], output: `${name}/dq` });
  };
  const output = new Map([...parts.absorbed].map(([activation, node]) => [node.output, activation]));

  for (const node of graph.nodes) {
    if (parts.absorbed.has(node.output)) continue;
    const isQuantised = parts.nodes.has(node.output);
    const name = output.get(node.output) ?? node.output;
    const inputs =
      isQuantised && node.operator === 'Conv'
        ? convInputs(net, { node, codes, written, largest: isNarrow ? NARROW_WEIGHT : FULL_WEIGHT })
        : node.inputs.map((input) => read(input, isQuantised));
    written.node(node.operator, { inputs, output: name, attributes: node.attributes });
    if (!isQuantised) floats.add(name);
    writeCodes(name);
  }
  return { graph: written, header, picture, shapes, exact };
}

interface ConvSite {
  readonly node: GraphNode;
  readonly codes: ReadonlyMap<string, Codes>;
  readonly written: OnnxGraph;
  readonly largest: number;
}

function convInputs({ graph }: NetworkGraph, { node, codes, written, largest }: ConvSite): string[] {
  const [x = '', kernelName = '', biasName] = node.inputs;
  const [kernel, bias] = [graph.constants.get(kernelName), graph.constants.get(biasName ?? '')];
  const input = codes.get(x);
  if (kernel === undefined || input === undefined)
    throw new InvariantError(`Convolution ${node.output} lacks a kernel.`);
  const channels = kernel.dims[0] ?? 0;
  const floats = bias === undefined ? new Float32Array(channels) : (bias.values as Float32Array);
  const weights = weightsOf(kernel.values as Float32Array, {
    ...{ channels, bias: floats, inputScale: input.scale, largest },
  });
  const zeros = { element: ELEMENT.int8, dims: [channels], values: new Int8Array(channels) };
  const inputs = [
    `${x}/dq`,
    written.node('DequantizeLinear', {
      inputs: [
        written.constant(kernelName, { element: ELEMENT.int8, dims: kernel.dims, values: weights.codes }),
        written.floats(`${kernelName}/scale`, weights.scales, [channels]),
        written.constant(`${kernelName}/zero`, zeros),
      ],
      output: `${kernelName}/dq`,
      attributes: { axis: 0 },
    }),
  ];
  if (biasName === undefined) return inputs;
  const { values, scales } = biasOf(floats, { scales: weights.scales, inputScale: input.scale });
  inputs.push(
    written.node('DequantizeLinear', {
      inputs: [
        written.constant(biasName, { element: ELEMENT.int32, dims: [channels], values }),
        written.floats(`${biasName}/scale`, scales, [channels]),
        written.constant(`${biasName}/zero`, {
          element: ELEMENT.int32,
          dims: [channels],
          values: new Int32Array(channels),
        }),
      ],
      output: `${biasName}/dq`,
      attributes: { axis: 0 },
    }),
  );
  return inputs;
}

/** Over all channels, cut where an absorbed activation cuts. */
function rangeOf(name: string, { parts, ranges }: Pick<Quantising, 'parts' | 'ranges'>): Range {
  const own = ranges.get(name);
  if (own === undefined) throw new InvariantError(`Value ${name} has no calibrated range.`);
  const cut = parts.values.get(name) ?? { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };
  const low = own.low.reduce((least, value) => Math.min(least, value), 0);
  const high = own.high.reduce((most, value) => Math.max(most, value), 0);
  return { low: Math.max(low, cut.low), high: Math.min(high, cut.high) };
}
