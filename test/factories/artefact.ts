import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import type { Evaluation, Figures } from '#contracts';
import { type Certification, type ModelCard, PRECISIONS, type Precision, type PrecisionEntry } from '#model/card';
import { ELEMENT, OnnxGraph } from '#model/onnx/proto';
import { tempDir } from './tools.js';

/** Side of the tiny model's input, pixels, unless a test asks for another. */
export const TINY_SIDE = 32;
/** Side of the matrices that make a tiny model slow. */
const WIDTH = 1_000;

const sha256 = (bytes: Uint8Array | string): string => createHash('sha256').update(bytes).digest('hex');

/** A picture of one level of red (0..255) with this size; its score by {@link tinyScore}. */
export function redPicture(red: number, { width = TINY_SIDE, height = TINY_SIDE } = {}): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 3, background: { r: red, g: 64, b: 64 } } })
    .png()
    .toBuffer();
}

/** P(defect) the tiny model gives to a picture with this mean red level: 1/2 at 127.5, steeper than needed. */
export function tinyScore(red: number): number {
  return 1 / (1 + Math.exp(-(red - 127.5) / 8));
}

/**
 * The smallest graph that keeps the contract of an exported model: uint8 [n, side, side, 3] in; probabilities, feature map
 * and embedding out. Red pictures are defects: logits are 0 for good and (mean red - 127.5) / 8 for the first defect
 * class; further classes stay at -20.
 * @param options `work` makes it slower: pieces of about half a millisecond each; `guard` adds the output `distance`, the
 * mean red level
 */
export function tinyGraph(labels: readonly string[], { work = 0, guard = false, side = TINY_SIDE } = {}): Uint8Array {
  const graph = new OnnxGraph();
  const k = labels.length;
  const weights = new Float32Array(3 * k);
  weights[1] = 1 / 8;
  const bias = Float32Array.from(labels, (_, i) => (i === 0 ? 0 : i === 1 ? -127.5 / 8 : -20));
  graph.node('Cast', { inputs: ['pictures'], output: 'feature_map', attributes: { to: ELEMENT.float32 } });
  graph.node('ReduceMean', { inputs: ['feature_map'], output: 'embedding', attributes: { axes: [1, 2], keepdims: 0 } });
  // Each piece of work multiplies a large matrix into the embedding and changes nothing: its weights are zeros.
  let embedding = 'embedding';
  for (let piece = 0; piece < work; piece++) {
    const wide = graph.floats(`wide-${piece}`, new Float32Array(3 * WIDTH), [3, WIDTH]);
    const square = graph.floats(`square-${piece}`, new Float32Array(WIDTH * WIDTH), [WIDTH, WIDTH]);
    const narrow = graph.floats(`narrow-${piece}`, new Float32Array(WIDTH * 3), [WIDTH, 3]);
    graph.node('MatMul', { inputs: [embedding, wide], output: `wide-${piece}-out` });
    graph.node('MatMul', { inputs: [`wide-${piece}-out`, square], output: `square-${piece}-out` });
    graph.node('MatMul', { inputs: [`square-${piece}-out`, narrow], output: `nothing-${piece}` });
    embedding = graph.node('Add', { inputs: [embedding, `nothing-${piece}`], output: `embedding-${piece}` });
  }
  graph.node('MatMul', { inputs: [embedding, graph.floats('weights', weights, [3, k])], output: 'weighed' });
  graph.node('Add', { inputs: ['weighed', graph.floats('bias', bias, [k])], output: 'logits' });
  graph.node('Softmax', { inputs: ['logits'], output: 'probabilities', attributes: { axis: 1 } });
  if (guard) {
    const red = graph.floats('red', Float32Array.of(1, 0, 0), [3, 1]);
    graph.node('MatMul', { inputs: ['embedding', red], output: 'distance' });
  }
  return graph.write({
    name: 'tiny',
    input: { name: 'pictures', element: ELEMENT.uint8, shape: ['n', side, side, 3] },
    outputs: [
      { name: 'probabilities', element: ELEMENT.float32, shape: ['n', k] },
      { name: 'feature_map', element: ELEMENT.float32, shape: ['n', side, side, 3] },
      { name: 'embedding', element: ELEMENT.float32, shape: ['n', 3] },
      ...(guard ? [{ name: 'distance', element: ELEMENT.float32, shape: ['n', 1] }] : []),
    ],
    metadata: {},
  });
}

/** Figures of a model that made no mistake on `n` pictures, half of them defects. */
export function makeEvaluation(own: Partial<Evaluation> = {}): Evaluation {
  const half = 10;
  const share = { value: 0, low: 0, high: 0.31 };
  return {
    n: 2 * half,
    positives: half,
    auroc: 1,
    averagePrecision: 1,
    maxF1: 1,
    overkillAtRecall: { '0.95': 0, '0.99': 0, '1': 0 },
    atThreshold: {
      threshold: 0.5,
      greyZone: [0.4, 0.6],
      tp: half,
      fp: 0,
      tn: half,
      fn: 0,
      inconclusive: 0,
      missRate: share,
      overkill: share,
    },
    ...own,
  };
}

/** The same with what stands behind it, as `lineside evaluate` gives it. */
export function makeFigures(own: Partial<Figures> = {}): Figures {
  const half = new Array<number>(20).fill(0);
  return {
    ...makeEvaluation(),
    aurocInterval: { low: 0.83, high: 1, method: 'Newcombe' },
    f1AtThreshold: 1,
    groups: 20,
    confusion: [
      { label: 'good', PASS: 10, INCONCLUSIVE: 0, FAIL: 0, named: {} },
      { label: 'defect', PASS: 0, INCONCLUSIVE: 0, FAIL: 10, named: { defect: 10 } },
    ],
    slices: [],
    reliability: { bins: [], expectedCalibrationError: 0.1 },
    histogram: { good: [10, ...half.slice(1), ...half], defect: [...half, ...half.slice(1), 10] },
    curve: [
      { score: 0.9, recall: 1, overkill: 0, precision: 1 },
      { score: 0.1, recall: 1, overkill: 1, precision: 0.5 },
    ],
    ...own,
  };
}

/** The card's line on the fp32 graph; `certification` as the test wants it. */
export function fp32Entry(certification: Partial<Certification> = {}): PrecisionEntry {
  return acceptedEntry('fp32', certification);
}

/** The card's line on an accepted graph. */
function acceptedEntry(precision: Precision, certification: Partial<Certification> = {}): PrecisionEntry {
  return {
    precision,
    accepted: true,
    file: fileOf(precision),
    reason: null,
    missed: 0,
    overkill: 0,
    msPerPicture: 0.1,
    certification: { pictures: 2, maxDifference: 0, flips: 0, runtime: 'onnxruntime', ...certification },
  };
}

const fileOf = (precision: Precision): string => (precision === 'fp32' ? 'model.onnx' : `model.${precision}.onnx`);

export interface ArtefactOptions {
  readonly id?: string;
  /** Graphs to put in; each is listed as accepted with the golden scores of the tiny model. fp32 is the tiny graph by default. */
  readonly graphs?: Partial<Record<Precision, Uint8Array>>;
  /** Side of the model's input, pixels; the tiny one by default. `graphs` must have the same. */
  readonly side?: number;
  /** Further files by path. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  /** Changes of the card; its hashes are computed after them. */
  readonly card?: Partial<ModelCard>;
  /** Where to write it; a fresh temporary folder by default. */
  readonly dir?: string;
}

/** Write the artefact of a tiny model that calls red pictures defects; valid in every respect, runs in microseconds. */
export async function makeArtefact(options: ArtefactOptions = {}): Promise<{ dir: string; card: ModelCard }> {
  const dir = options.dir ?? tempDir();
  const side = options.side ?? TINY_SIDE;
  const labels = options.card?.labels ?? ['good', 'defect'];
  const graphs: Partial<Record<Precision, Uint8Array>> = { fp32: tinyGraph(labels, { side }), ...options.graphs };
  const precisions = PRECISIONS.filter((precision) => precision in graphs);
  const scoresOf = (red: number) => ({
    ...Object.fromEntries(precisions.map((precision) => [precision, tinyScore(red)])),
    fp32: tinyScore(red),
  });
  const files: Record<string, Uint8Array> = {
    ...Object.fromEntries(Object.entries(graphs).map(([precision, graph]) => [fileOf(precision as Precision), graph])),
    'golden/good.png': await redPicture(60),
    'golden/defect.png': await redPicture(200),
    ...options.files,
  };
  const card: ModelCard = {
    schema: 'lineside.card/2',
    id: options.id ?? 'tiny-1',
    createdTs: '2026-01-01T00:00:00.000Z',
    labels: [...labels],
    good: 'good',
    preprocess: {
      frame: null,
      roi: null,
      tiles: { columns: 1, rows: 1 },
      resize: { width: side, height: side, policy: 'squash', kernel: 'linear' },
    },
    operatingPoint: { threshold: 0.5, greyZone: [0.4, 0.6] },
    imageGate: null,
    guard: null,
    oneClass: null,
    goodScores: null,
    operatingReason: null,
    calibration: null,
    doubts: null,
    graph: {
      input: 'pictures',
      outputs: { probabilities: 'probabilities', featureMap: 'feature_map', embedding: 'embedding' },
      normalise: { mean: [0, 0, 0], std: [1, 1, 1] },
    },
    precisions: precisions.map((precision) => acceptedEntry(precision)),
    golden: [
      { file: 'golden/good.png', scores: scoresOf(60) },
      { file: 'golden/defect.png', scores: scoresOf(200) },
    ],
    metrics: { validation: makeEvaluation(), test: makeEvaluation() },
    data: { fingerprint: sha256('data'), pictures: {} },
    plan: {},
    seed: 1,
    backend: { name: 'none', threads: 1, reproducible: 'bit' },
    base: {
      backbone: 'tiny',
      variant: 'keras',
      weights: 'none',
      sha256: sha256('none'),
      licence: 'Apache-2.0',
      origin: 'test',
    },
    derivedFrom: null,
    weightsSha256: sha256('weights'),
    versions: {},
    files: Object.fromEntries(Object.entries(files).map(([file, bytes]) => [file, sha256(bytes)])),
    ...options.card,
  };
  for (const [file, bytes] of [...Object.entries(files), ['card.json', JSON.stringify(card, null, 2)] as const]) {
    mkdirSync(dirname(join(dir, file)), { recursive: true });
    writeFileSync(join(dir, file), bytes);
  }
  return { dir, card };
}
