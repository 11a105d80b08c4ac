import type { PictureBatch } from '../runtime/session.js';
import { watchMeans } from './calibration.js';
import type { NetworkGraph } from './export.js';
import { ELEMENT, OnnxGraph } from './proto.js';
import { type Quantising, quantise } from './quantise.js';
import { Stepwise } from './stepwise.js';

/**
 * Take from every bias what int8 adds to its channel on average: from the first convolution to the last, one at a time,
 * each measured behind those that are corrected already; several at once answer for the same error twice (empirical bias
 * correction, Nagel et al. 2019, arXiv:1906.04721, section 4.2 and appendix D). The pictures go through once.
 * @returns the network in float with biases for {@link quantise} with the same parts, ranges and weights
 */
export async function correctBiases(
  net: NetworkGraph,
  options: Quantising & { readonly pictures: readonly PictureBatch[]; readonly threads: number },
): Promise<NetworkGraph> {
  const { pictures, threads, ...how } = options;
  const { parts } = how;
  const seeing = { pictures, threads };
  const corrected = copyBiases(net);
  const convolutions = net.graph.nodes.flatMap(({ operator, output, inputs }) => {
    const bias = corrected.graph.constants.get(inputs[2] ?? '')?.values;
    return operator === 'Conv' && parts.nodes.has(output) && bias instanceof Float32Array ? [{ output, bias }] : [];
  });
  if (convolutions.length === 0) return corrected;
  const wanted = await watchMeans(net, { ...seeing, values: convolutions.map(({ output }) => output) });
  const names = new Map([...parts.absorbed].map(([activation, { output }]) => [output, activation]));
  const int8 = new Stepwise(quantise(net, how), seeing);
  for (const { output, bias } of convolutions) {
    const inInt8 = names.get(output) ?? output;
    const means = await int8.meansOf(inInt8);
    const error = means.map((mean, c) => (wanted.get(output)?.[c] ?? Number.NaN) - mean);
    for (const [c, step] of error.entries()) bias[c] = (bias[c] ?? 0) + step;
    int8.shift(inInt8, error);
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
