import { InvariantError } from '#contracts';
import { OnnxSession } from '../runtime/onnx-session.js';
import type { PictureBatch } from '../runtime/session.js';
import type { NetworkGraph } from './export.js';
import { ELEMENT, OnnxGraph } from './proto.js';

/** Smallest and largest number that each channel of a value takes. */
export interface ChannelRange {
  readonly low: Float32Array;
  readonly high: Float32Array;
}
/** By value. */
export type ChannelRanges = ReadonlyMap<string, ChannelRange>;

/**
 * Let a network see pictures and note what its feature maps hold.
 * @param options `values` of the graph to watch, all [n, c, h, w]; `pictures` one after another; `threads` of one run
 */
export async function watchRanges(
  net: NetworkGraph,
  options: { values: readonly string[]; pictures: AsyncIterable<PictureBatch>; threads: number },
): Promise<ChannelRanges> {
  const { values, pictures, threads } = options;
  const ranges = new Map<string, ChannelRange>();
  const session = await OnnxSession.open(watchingGraph(net, values), { threads });
  try {
    for await (const batch of pictures) {
      const seen = await session.run(batch);
      for (const value of values) {
        const [low, high] = [seen[`${value}/low`]?.data, seen[`${value}/high`]?.data];
        if (low === undefined || high === undefined) throw new InvariantError(`Value ${value} was not watched.`);
        ranges.set(value, widen(ranges.get(value), { low, high }));
      }
    }
  } finally {
    await session.close();
  }
  return ranges;
}

function widen(known: ChannelRange | undefined, seen: ChannelRange): ChannelRange {
  if (known === undefined) return { low: seen.low.slice(), high: seen.high.slice() };
  for (let c = 0; c < known.low.length; c++) {
    known.low[c] = Math.min(known.low[c] ?? 0, seen.low[c] ?? 0);
    known.high[c] = Math.max(known.high[c] ?? 0, seen.high[c] ?? 0);
  }
  return known;
}

/** The network with two outputs per value instead of its own: a picture's numbers stay inside, whatever its size. */
function watchingGraph({ graph, header }: NetworkGraph, values: readonly string[]): Uint8Array {
  const watching = new OnnxGraph();
  for (const [name, constant] of graph.constants) watching.constant(name, constant);
  for (const { operator, ...node } of graph.nodes) watching.node(operator, node);
  const attributes = { axes: [0, 2, 3], keepdims: 0 };
  const outputs = values.flatMap((value) => [
    watching.node('ReduceMin', { inputs: [value], output: `${value}/low`, attributes }),
    watching.node('ReduceMax', { inputs: [value], output: `${value}/high`, attributes }),
  ]);
  return watching.write({
    ...header,
    outputs: outputs.map((name) => ({ name, element: ELEMENT.float32, shape: null })),
  });
}
