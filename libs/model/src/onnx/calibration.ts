import { InvariantError } from '#contracts';
import { inOrder } from '../dataset/in-parallel.js';
import { OnnxSession } from '../runtime/onnx-session.js';
import type { OutputTensor, PictureBatch } from '../runtime/session.js';
import { ThreadedSession } from '../runtime/threaded-session.js';
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
 * Let a network see pictures on all cores and note what its feature maps hold.
 * @param options `values` of the graph to watch, all [n, c, h, w]; `pictures`, of which the next few are asked for while
 *   the network looks at some
 */
export async function watchRanges(
  net: NetworkGraph,
  options: { values: readonly string[]; pictures: Iterable<PictureBatch | Promise<PictureBatch>> },
): Promise<ChannelRanges> {
  const { values, pictures } = options;
  const ranges = new Map<string, ChannelRange>();
  const session = await ThreadedSession.open(watchingGraph(net, values, ['low', 'high']));
  try {
    for await (const seen of inOrder(pictures, async (picture) => session.run(await picture))) {
      for (const value of values) {
        const [low, high] = [seen[`${value}/low`], seen[`${value}/high`]];
        if (low === undefined || high === undefined) throw new InvariantError(`Value ${value} was not watched.`);
        ranges.set(value, widen(ranges.get(value), { low, high }));
      }
    }
  } finally {
    await session.close();
  }
  return ranges;
}

/** @param seen [n, channels]: a session may compute the tiles of a picture in parts, so they are joined here */
function widen(known: ChannelRange | undefined, seen: { low: OutputTensor; high: OutputTensor }): ChannelRange {
  const channels = seen.low.dims[1] ?? 0;
  const { low, high } = known ?? { low: seen.low.data.slice(0, channels), high: seen.high.data.slice(0, channels) };
  for (const [i, value] of seen.low.data.entries()) low[i % channels] = Math.min(low[i % channels] ?? 0, value);
  for (const [i, value] of seen.high.data.entries()) high[i % channels] = Math.max(high[i % channels] ?? 0, value);
  return { low, high };
}

/** Mean of each channel of a value, by value. */
export type ChannelMeans = ReadonlyMap<string, Float32Array>;

/**
 * Let a network see pictures and note the mean of every channel.
 * @param options `values` as of {@link watchRanges}; `threads` of one run: so few pictures that threads of their own are not worth it
 */
export async function watchMeans(
  net: NetworkGraph,
  options: { values: readonly string[]; pictures: Iterable<PictureBatch>; threads: number },
): Promise<ChannelMeans> {
  const { values, pictures, threads } = options;
  const sums = new Map<string, Float32Array>();
  let count = 0;
  const session = await OnnxSession.open(watchingGraph(net, values, ['mean']), { threads });
  try {
    for (const batch of pictures) {
      const seen = await session.run(batch);
      for (const value of values) {
        const mean = seen[`${value}/mean`];
        if (mean === undefined) throw new InvariantError(`Value ${value} was not watched.`);
        const channels = mean.dims[1] ?? 0;
        const sum = sums.get(value) ?? new Float32Array(channels);
        for (const [i, one] of mean.data.entries()) sum[i % channels] = (sum[i % channels] ?? 0) + one;
        sums.set(value, sum);
      }
      count += batch.count;
    }
  } finally {
    await session.close();
  }
  return new Map([...sums].map(([value, sum]) => [value, sum.map((one) => one / count)]));
}

const REDUCTIONS = { low: 'ReduceMin', high: 'ReduceMax', mean: 'ReduceMean' } as const;

/**
 * The network up to the values, with what is asked of each as outputs instead of its own: a picture's numbers stay
 * inside, whatever its size.
 */
function watchingGraph(
  { graph, header }: NetworkGraph,
  values: readonly string[],
  asked: readonly (keyof typeof REDUCTIONS)[],
): Uint8Array {
  const watching = new OnnxGraph();
  for (const [name, constant] of graph.constants) watching.constant(name, constant);
  const left = new Set(values);
  for (const { operator, ...node } of graph.nodes) {
    if (left.size === 0) break;
    watching.node(operator, node);
    left.delete(node.output);
  }
  const outputs = values.flatMap((value) =>
    asked.map((part) => {
      return watching.node(REDUCTIONS[part], {
        inputs: [value],
        output: `${value}/${part}`,
        attributes: { axes: [2, 3], keepdims: 0 },
      });
    }),
  );
  return watching.write({
    ...header,
    outputs: outputs.map((name) => ({ name, element: ELEMENT.float32, shape: null })),
  });
}
