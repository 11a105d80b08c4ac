import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import type { Precision, RuntimeName } from '#contracts';
import { InvariantError, messageOf } from '#contracts';
import { findBackbone } from '#model/backbones/find';
import type { Prepared } from '#model/preprocess/preprocess';
import { OnnxSession } from '#model/runtime/onnx-session';
import { InferenceSession, Tensor } from '#model/runtime/onnxruntime';
import { PROVIDER_OF } from '#model/runtime/open-session';
import { sessionOptionsOf } from '#model/runtime/providers';
import { outputsOf, scoreBatch } from '#model/runtime/score-batch';
import type { ModelSession } from '#model/runtime/session';
import { TensorFlowSession } from '#model/runtime/tensorflow-session';
import { type Contender, race } from './contender.js';
import { type BenchModel, makeModel } from './make-model.js';
import { type BenchAsk, type BenchPlace, planPlaces } from './plan-places.js';
import { inScratch } from './scratch.js';

export interface InferenceBench extends BenchAsk {
  readonly backbones: readonly string[];
  /** Pictures that every contender gets at least. */
  readonly pictures: number;
  /** With the guard's distance beside the probabilities. */
  readonly isGuarded?: boolean;
  readonly onTrouble: (words: string) => void;
  readonly onRow: (row: InferenceRow) => void;
}

/** One network, place and batch. Milliseconds are medians per picture. */
export interface InferenceRow {
  readonly backbone: string;
  readonly runtime: RuntimeName;
  readonly precision: Precision;
  readonly batch: number;
  /** From prepared pictures to scores, as a worker does it. */
  readonly ms: number;
  /** The same file in a loop around ONNX Runtime; null for TensorFlow. */
  readonly bareMs: number | null;
  /** Time of fp32 in the same place over this; null without it. */
  readonly fasterThanFp32: number | null;
}

/** Fewer turns than these say nothing about a median. */
const LEAST_ROUNDS = 9;

/**
 * Time the road of a worker from prepared pictures to scores, one thread, beside a bare loop on the same file.
 * Everything of one network, runtime and batch takes turns run by run.
 * @throws InputError BACKBONE_UNKNOWN
 */
export async function benchInference(bench: InferenceBench): Promise<void> {
  const backbones = bench.backbones.map((name) => findBackbone(name));
  await inScratch(async (scratch) => {
    for (const backbone of backbones) {
      const dir = join(scratch, backbone.name);
      await mkdir(dir);
      const model = await makeModel(backbone, { ...bench, dir });
      for (const place of planPlaces(bench)) await benchPlace(model, { ...bench, ...place });
    }
  });
}

async function benchPlace(model: BenchModel, bench: InferenceBench & BenchPlace): Promise<void> {
  const { runtime, batch, pictures } = bench;
  const lanes: Lane[] = [];
  for (const precision of bench.precisions) {
    try {
      lanes.push(await openLane(model, { ...bench, precision }));
    } catch (error) {
      bench.onTrouble(`${runtime} ${precision}: ${messageOf(error)}`);
    }
  }
  const contenders = lanes.flatMap(({ ours, bare }) => (bare === null ? [ours] : [ours, bare]));
  const rounds = Math.max(LEAST_ROUNDS, Math.ceil(pictures / batch));
  const raced = new Map((await race(contenders, { rounds, times: 1 })).map(({ name, ms }) => [name, ms / batch]));
  await Promise.all(contenders.map((contender) => contender.stop()));
  const fp32 = lanes.find(({ precision }) => precision === 'fp32');
  const base = fp32 === undefined ? undefined : raced.get(fp32.ours.name);
  for (const { precision, ours, bare } of lanes) {
    const ms = raced.get(ours.name) ?? Number.NaN;
    const bareMs = bare === null ? null : (raced.get(bare.name) ?? Number.NaN);
    const fasterThanFp32 = base === undefined ? null : base / ms;
    bench.onRow({ backbone: model.card.id, runtime, precision, batch, ms, bareMs, fasterThanFp32 });
  }
}

/** One precision's two contenders. */
interface Lane {
  readonly precision: Precision;
  readonly ours: Contender;
  readonly bare: Contender | null;
}

/** @throws InputError, DependencyError as the sessions do */
async function openLane(
  model: BenchModel,
  { runtime, batch, precision }: Pick<BenchPlace, 'runtime' | 'batch'> & { precision: Precision },
): Promise<Lane> {
  const file = model.graphFiles[precision];
  if (file === undefined) throw new InvariantError(`Nobody wrote a ${precision} graph of ${model.card.id}.`);
  const pictures = makePictures(model, batch);
  const outputs = outputsOf(model.card);
  if (runtime === 'tensorflow') {
    const session = await TensorFlowSession.open(model, { outputs });
    return { precision, ours: ownLoop(session, { model, pictures, precision }), bare: null };
  }
  const provider = PROVIDER_OF[runtime];
  const session = await OnnxSession.open(file, { provider, outputs });
  const ours = ownLoop(session, { model, pictures, precision });
  const options = await sessionOptionsOf(file, { provider, threads: 1, device: 0, engineDir: null });
  const bare = bareLoop(await InferenceSession.create(file, options), { model, pictures, precision });
  return { precision, ours, bare };
}

interface LoopOptions {
  readonly model: BenchModel;
  readonly pictures: readonly Prepared[];
  readonly precision: Precision;
}

/** What a worker does with pictures that are decoded. */
function ownLoop(session: ModelSession, { model, pictures, precision }: LoopOptions): Contender {
  return {
    name: `${precision}, worker`,
    words: session.runtime,
    run: (times) => timeEach(times, () => scoreBatch(session, model.card, pictures)),
    stop: () => session.close(),
  };
}

/** ONNX Runtime alone: one tensor that is there already, one output that nobody reads. */
function bareLoop(session: InferenceSession, { model, pictures, precision }: LoopOptions): Contender {
  const { input, outputs } = model.card.graph;
  const data = Buffer.concat(pictures.map((picture) => picture.data));
  const feeds = { [input]: new Tensor('uint8', data, [pictures.length, model.side, model.side, 3]) };
  return {
    name: `${precision}, bare`,
    words: 'onnxruntime-node',
    run: (times) => timeEach(times, () => session.run(feeds, [outputs.probabilities])),
    stop: () => session.release(),
  };
}

async function timeEach(times: number, work: () => Promise<unknown>): Promise<number[]> {
  const spent: number[] = [];
  for (let i = 0; i < times; i++) {
    const startedAt = performance.now();
    await work();
    spent.push(performance.now() - startedAt);
  }
  return spent;
}

/** What is in a picture does not matter; every byte occurs. */
function makePictures({ side }: BenchModel, count: number): Prepared[] {
  const data = Uint8Array.from({ length: side * side * 3 }, (_, i) => (i * 31) % 256);
  const size = { width: side, height: side, frameWidth: side, frameHeight: side };
  return Array.from({ length: count }, () => ({ data: data.slice(), tiles: 1, ...size }));
}
