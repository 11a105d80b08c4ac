import { InvariantError } from '#contracts';
import { floatsOf, openPart, type PartValues, pictureTensor } from '../runtime/graph-part.js';
import { type PictureBatch, splitBatch } from '../runtime/session.js';
import type { NetworkGraph } from './export.js';
import { ELEMENT, type GraphNode, OnnxGraph, type Port } from './proto.js';

/**
 * A network that is computed part by part for a few pictures, so that a value can be changed before anything reads it.
 * Tiles are pictures of their own here. Of each picture those values are kept that a later part reads.
 */
export class Stepwise {
  readonly #net: NetworkGraph;
  readonly #threads: number;
  #seen: PartValues[];
  /** Nodes before this one are computed. */
  #at = 0;

  constructor(net: NetworkGraph, { pictures, threads }: { pictures: readonly PictureBatch[]; threads: number }) {
    this.#net = net;
    this.#threads = threads;
    this.#seen = pictures
      .flatMap((picture) => splitBatch(picture, 1))
      .map((row) => ({ [net.header.input.name]: pictureTensor(row) }));
  }

  /**
   * Go on to a value [n, c, h, w] behind the last one.
   * @returns the mean of each channel over the pictures
   */
  async meansOf(value: string): Promise<Float32Array> {
    const { nodes } = this.#net.graph;
    const end = nodes.findIndex(({ output }, i) => i >= this.#at && output === value) + 1;
    if (end === 0) throw new InvariantError(`Value ${value} does not come behind what is computed.`);
    const later = new Set([...nodes.slice(end).flatMap(({ inputs }) => inputs), value]);
    const known = Object.keys(this.#seen[0] ?? {});
    const part = partOf(this.#net, { nodes: nodes.slice(this.#at, end), known, wanted: later });
    const session = await openPart(part.bytes, { threads: this.#threads });
    try {
      for (const [i, seen] of this.#seen.entries()) {
        const computed = await session.run(pick(seen, part.reads));
        this.#seen[i] = {
          ...pick(
            seen,
            known.filter((name) => later.has(name)),
          ),
          ...computed,
        };
      }
    } finally {
      await session.close();
    }
    this.#at = end;
    return meanOverPictures(this.#seen.map((seen) => meanOfChannels(seen, value)));
  }

  /** Add to every channel of the value that was computed last. */
  shift(value: string, by: Float32Array): void {
    for (const seen of this.#seen) {
      const data = floatsOf(seen[value], value);
      const area = data.length / by.length;
      for (const [c, step] of by.entries())
        for (let i = c * area; i < (c + 1) * area; i++) data[i] = (data[i] as number) + step;
    }
  }
}

/** Some nodes as a graph of their own: it reads what of the known values they need, and gives what is wanted of theirs. */
function partOf(
  { graph, header }: NetworkGraph,
  { nodes, known, wanted }: { nodes: readonly GraphNode[]; known: readonly string[]; wanted: ReadonlySet<string> },
): { bytes: Uint8Array; reads: string[] } {
  const part = new OnnxGraph();
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  for (const [name, constant] of graph.constants) if (read.has(name)) part.constant(name, constant);
  for (const { operator, ...node } of nodes) part.node(operator, node);
  const reads = known.filter((name) => read.has(name));
  const outputs = nodes.map(({ output }) => output).filter((output) => wanted.has(output));
  const inputs = reads.map((name) => (name === header.input.name ? header.input : floatPort(name)));
  return { bytes: part.write({ ...header, outputs: outputs.map(floatPort) }, inputs), reads };
}

function floatPort(name: string): Port {
  return { name, element: ELEMENT.float32, shape: null };
}

function pick(values: PartValues, names: readonly string[]): PartValues {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)));
}

/** Of a value [1, c, h, w]. */
function meanOfChannels(values: PartValues, name: string): Float32Array {
  const data = floatsOf(values[name], name);
  const channels = values[name]?.dims[1] ?? 0;
  const area = data.length / channels;
  return Float32Array.from({ length: channels }, (_, c) => {
    let sum = 0;
    for (let i = c * area; i < (c + 1) * area; i++) sum += data[i] as number;
    return sum / area;
  });
}

function meanOverPictures(means: readonly Float32Array[]): Float32Array {
  const [first = new Float32Array()] = means;
  return first.map((_, c) => means.reduce((sum, mean) => sum + (mean[c] ?? 0), 0) / means.length);
}
