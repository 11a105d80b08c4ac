import { InvariantError } from '#contracts';
import type { PictureBatch } from '../runtime/session.js';
import { type ChannelRanges, watchMeans } from './calibration.js';
import type { NetworkGraph } from './export.js';
import { ELEMENT, OnnxGraph } from './proto.js';
import { quantise } from './quantise.js';
import type { QuantisedParts } from './quantised-parts.js';

/**
 * Take from every bias what int8 adds to its channel on average: from the first convolution to the last, one at a time,
 * each measured behind those that are corrected already; several at once answer for the same error twice (empirical bias correction, Nagel et al. 2019, arXiv:1906.04721,
 * section 4.2 and appendix D).
 * @returns the network in float with biases for {@link quantise} with the same parts and ranges
 */
export async function correctBiases(
  net: NetworkGraph,
  options: { parts: QuantisedParts; ranges: ChannelRanges; pictures: readonly PictureBatch[]; threads: number },
): Promise<NetworkGraph> {
  const { parts, ranges, ...seeing } = options;
  const convolutions = net.graph.nodes.flatMap(({ operator, output, inputs: [, , bias] }) =>
    operator === 'Conv' && parts.nodes.has(output) && bias !== undefined ? [{ output, bias }] : [],
  );
  const expected = await watchMeans(net, { ...seeing, values: convolutions.map(({ output }) => output) });
  const corrected = copyBiases(net);
  const names = new Map([...parts.absorbed].map(([activation, { output }]) => [output, activation]));
  const inInt8 = ({ output }: { output: string }) => names.get(output) ?? output;
  for (const convolution of convolutions) {
    const value = inInt8(convolution);
    const found = await watchMeans(quantise(corrected, { parts, ranges }), { ...seeing, values: [value] });
    const bias = corrected.graph.constants.get(convolution.bias)?.values;
    const [wanted, got] = [expected.get(convolution.output), found.get(value)];
    if (!(bias instanceof Float32Array) || wanted === undefined || got === undefined)
      throw new InvariantError(`Bias ${convolution.bias} cannot be corrected.`);
    for (let c = 0; c < bias.length; c++) bias[c] = (bias[c] ?? 0) + (wanted[c] ?? 0) - (got[c] ?? 0);
  }
  return corrected;
}

function copyBiases(net: NetworkGraph): NetworkGraph {
  const graph = new OnnxGraph();
  for (const [name, { element, dims, values }] of net.graph.constants) {
    const isBias = element === ELEMENT.float32 && dims.length === 1;
    graph.constant(name, { element, dims, values: isBias ? values.slice() : values });
  }
  for (const { operator, ...node } of net.graph.nodes) graph.node(operator, node);
  return { ...net, graph };
}
