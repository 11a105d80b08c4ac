import { Float16Array } from '@petamoriken/float16';
import { InputError } from '#contracts';
import type { NetworkGraph } from './export.js';
import { type Constant, ELEMENT, type GraphNode, OnnxGraph } from './proto.js';

/** Largest finite float16, IEEE 754-2019 binary16. */
const LARGEST = 65_504;

/**
 * The same network in float16: constants and arithmetic. The picture's preparation, every softmax and what is exact stay float32, where
 * half a digit matters and little is computed; outputs are float32 as before.
 * @throws InputError EXPORT_RANGE when a constant has no finite float16 value
 */
export function toHalf({ graph, header, picture, shapes, exact }: NetworkGraph): NetworkGraph {
  const half = new OnnxGraph();
  const outputs = new Set(header.outputs.map(({ name }) => name));
  const singles = new Set([header.input.name]);
  const casts = new Set<string>();

  const constant = (name: string, found: Constant, element: number): string => {
    const isHalf = element === ELEMENT.float16 && found.element === ELEMENT.float32;
    const own = isHalf ? `${name}/half` : name;
    if (!half.constants.has(own)) half.constant(own, isHalf ? toHalfConstant(name, found) : found);
    return own;
  };
  const read = (name: string, element: number): string => {
    const found = graph.constants.get(name);
    if (found !== undefined) return constant(name, found, element);
    if (singles.has(name) === (element === ELEMENT.float32)) return name;
    const output = element === ELEMENT.float32 ? `${name}/single` : `${name}/half`;
    if (!casts.has(output)) half.node('Cast', { inputs: [name], output, attributes: { to: element } });
    casts.add(output);
    return output;
  };
  const write = ({ operator, inputs, output, attributes }: GraphNode, element: number): void => {
    const isCast = element === ELEMENT.float16 && outputs.has(output);
    const read16 = inputs.map((name) => read(name, element));
    half.node(operator, { inputs: read16, output: isCast ? `${output}/half` : output, attributes });
    if (isCast) half.node('Cast', { inputs: [`${output}/half`], output, attributes: { to: ELEMENT.float32 } });
    if (element === ELEMENT.float32) singles.add(output);
  };

  let isNetwork = false;
  for (const node of graph.nodes) {
    const isExact = node.operator === 'Softmax' || exact.has(node.output);
    write(node, !isNetwork || isExact || isCopyOfSingle(node, singles) ? ELEMENT.float32 : ELEMENT.float16);
    if (node.output === picture) isNetwork = true;
  }
  return { graph: half, header, picture, shapes, exact };
}

/** An output that only renames or turns a float32 value needs no way through float16. */
function isCopyOfSingle({ operator, inputs }: GraphNode, singles: ReadonlySet<string>): boolean {
  return (operator === 'Identity' || operator === 'Transpose') && singles.has(inputs[0] ?? '');
}

function toHalfConstant(name: string, { dims, values }: Constant): Constant {
  const floats = values as Float32Array;
  const beyond = floats.find((value) => !(Math.abs(value) <= LARGEST));
  if (beyond !== undefined) {
    throw new InputError(
      'EXPORT_RANGE',
      `Constant ${name} holds ${beyond}, float16 ends at ${LARGEST}: the network cannot be written in fp16. Use fp32.`,
    );
  }
  return { element: ELEMENT.float16, dims, values: new Uint16Array(new Float16Array(floats).buffer) };
}
