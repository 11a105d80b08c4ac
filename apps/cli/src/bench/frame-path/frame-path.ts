import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { quantileSorted } from 'simple-statistics';
import { findBackbone } from '#model/backbones/find';
import { inScratch } from '../scratch.js';
import { type BareRoad, openBareRoad } from './bare-road.js';
import { type RunningBroker, startBroker } from './broker.js';
import type { Failures, FramePathFigures, Latency, Sustained } from './figures.js';
import type { FrameOrder } from './frames.js';
import { type InspectorRoad, openInspectorRoad, RECIPE } from './inspector-road.js';
import { askPython, openPythonRoad } from './python-road.js';
import type { Road, RoadFigures } from './road.js';
import { MODELS, PERSON, type Stage, setStage } from './stage.js';

export interface FramePathBench {
  readonly backbone: string;
  /** Numbers of cameras; the goals are for the first. */
  readonly cameras: readonly number[];
  readonly seconds: number;
  readonly rounds: number;
  readonly frame: Omit<FrameOrder, 'count'>;
  /** Null = no peer. */
  readonly python: string | null;
  readonly mosquitto: string;
  readonly onStep: (words: string) => void;
}

/** Frames on their way at any time when a road is driven as fast as it goes. */
const WINDOW = 16;
const WARM_SECONDS = 1.5;
/** A short run warms up no longer than it counts. */
const warmOf = ({ seconds }: FramePathBench): number => Math.min(WARM_SECONDS, seconds);
/** A new pace makes V8 compile for a while; a line keeps its pace for hours. */
const newPaceSeconds = ({ seconds }: FramePathBench): number => 2 * seconds;
const SMALL = {
  backbone: 'mobilenet-v2-0.35',
  side: 96,
  frame: { width: 224, height: 224 },
  framesPerSecond: 200,
} as const;

/** What the parts of the bench share. */
interface Scene {
  readonly bench: FramePathBench;
  readonly broker: RunningBroker;
  readonly dir: string;
}

interface Roads {
  readonly bare: BareRoad;
  readonly fp32: InspectorRoad;
  readonly auto: InspectorRoad;
  readonly python: Road | null;
}

/**
 * Drive the whole road of a frame, and beside it, in turns, a loop that only decodes and infers, and an inspector in
 * Python.
 * @throws InputError BACKBONE_UNKNOWN, DependencyError BENCH_BROKER, BENCH_PYTHON, BENCH_PROCESS, BENCH_INSPECTOR
 */
export async function benchFramePath(bench: FramePathBench): Promise<FramePathFigures> {
  const backbone = findBackbone(bench.backbone);
  return inScratch(async (dir) => {
    if (bench.python !== null) await askPython(bench.python, null);
    const broker = await startBroker({ program: bench.mosquitto, dir });
    const scene = { bench, broker, dir };
    bench.onStep('makes the model');
    const stage = await setStage(backbone, { ...bench, dir: join(dir, 'line'), precisions: ['fp32', 'int8'] });
    const [goal = 8, ...others] = bench.cameras;
    const roads = await openRoads(scene, stage, goal);
    const all = [roads.bare, roads.fp32, roads.auto, ...(roads.python === null ? [] : [roads.python])];
    const sustained = await sustain(scene, all, { cameras: goal, rounds: bench.rounds });
    const serviceMs = await roads.bare.serviceMs(bench.seconds);
    const half = (sustained.find(({ road }) => road === roads.fp32.name)?.framesPerSecond ?? 0) / 2;
    const latencies = await atHalfLoad(scene, all.slice(1), half);
    const swap = await swapModels(scene, roads.fp32, { stage, framesPerSecond: half });
    const peakMemoryMb = Math.max(roads.fp32.peakMemoryMb(), roads.auto.peakMemoryMb());
    const laterMs = await startAgain(scene, roads.auto, stage, goal);
    await Promise.all(all.map((road) => road.stop()));
    for (const cameras of others) sustained.push(...(await sustainOthers(scene, stage, cameras)));
    const small = await driveSmall(scene);
    return {
      workers: availableParallelism(),
      frameKb: stage.frameKb,
      words: Object.fromEntries([['broker', broker.words], ...all.map(({ name, words }) => [name, words])]),
      serviceMs,
      sustained,
      latencies,
      swap,
      starts: { firstMs: roads.auto.startMs, laterMs },
      peakMemoryMb,
      small,
    };
  });
}

async function openRoads({ bench, broker, dir }: Scene, stage: Stage, cameras: number): Promise<Roads> {
  const workers = availableParallelism();
  const { bare } = stage;
  const own = async (name: string) => {
    const folder = join(dir, `${name}-${cameras}`);
    await mkdir(folder, { recursive: true });
    return { dir: folder, station: stage.stationOf(`${name}${cameras}`, cameras, broker.url) };
  };
  const registryDir = stage.registry.dir;
  bench.onStep(`starts everything for ${cameras} cameras`);
  return {
    bare: await openBareRoad({ ...(await own('bare')), bare, workers }),
    fp32: await openInspectorRoad({ ...(await own('fp32')), name: 'inspector, fp32', registryDir, precision: 'fp32' }),
    auto: await openInspectorRoad({
      ...(await own('auto')),
      name: 'inspector, as certified',
      registryDir,
      precision: 'auto',
    }),
    python:
      bench.python === null
        ? null
        : await openPythonRoad({
            ...(await own('python')),
            python: bench.python,
            bare,
            workers,
            threshold: stage.card.operatingPoint.threshold,
          }),
  };
}

/** All roads in turns, each as fast as it goes. */
async function sustain(
  { bench }: Scene,
  roads: readonly Road[],
  { cameras, rounds }: { cameras: number; rounds: number },
): Promise<Sustained[]> {
  const runs = new Map(roads.map((road): [Road, RoadFigures[]] => [road, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [road, own] of runs) {
      const pace = { kind: 'window', frames: WINDOW } as const;
      const warmSeconds = round === 0 ? newPaceSeconds(bench) : warmOf(bench);
      own.push(await road.run({ pace, warmSeconds, seconds: bench.seconds }));
      bench.onStep(`${cameras} cameras, round ${round + 1}: ${road.name} ${rateOf(own.slice(-1)).toFixed(1)} frames/s`);
    }
  }
  return [...runs].map(([{ name }, own]) => ({
    cameras,
    road: name,
    framesPerSecond: rateOf(own),
    cpuMsPerFrame: sum(own, ({ cpuMs }) => cpuMs) / sum(own, ({ answered }) => answered),
    models: Object.assign({}, ...own.map(({ models }) => models)),
    ...failuresOf(own),
  }));
}

async function sustainOthers(scene: Scene, stage: Stage, cameras: number): Promise<Sustained[]> {
  const roads = await openRoads(scene, stage, cameras);
  const all = [roads.bare, roads.fp32, roads.auto, ...(roads.python === null ? [] : [roads.python])];
  const figures = await sustain(scene, all, { cameras, rounds: 1 });
  await Promise.all(all.map((road) => road.stop()));
  return figures;
}

async function atHalfLoad({ bench }: Scene, roads: readonly Road[], framesPerSecond: number): Promise<Latency[]> {
  const latencies: Latency[] = [];
  for (const road of roads) {
    const pace = { kind: 'rate', framesPerSecond } as const;
    const figures = await road.run({ pace, warmSeconds: newPaceSeconds(bench), seconds: 2 * bench.seconds });
    const { latenciesMs } = figures;
    const latency = { p50Ms: quantile(latenciesMs, 0.5), p99Ms: quantile(latenciesMs, 0.99) };
    latencies.push({ road: road.name, framesPerSecond, ...latency, ...failuresOf([figures]) });
    bench.onStep(`half load: ${road.name} p50 ${latency.p50Ms.toFixed(1)} ms, p99 ${latency.p99Ms.toFixed(1)} ms`);
  }
  return latencies;
}

/** Promote another model under half load, and roll back as soon as it is at work. */
async function swapModels(
  { bench }: Scene,
  road: Road,
  { stage: { registry }, framesPerSecond }: { stage: Stage; framesPerSecond: number },
): Promise<FramePathFigures['swap']> {
  const pace = { kind: 'rate', framesPerSecond } as const;
  const figures = await road.run(
    { pace, warmSeconds: warmOf(bench), seconds: 2 * bench.seconds },
    async (untilModel) => {
      await registry.activate({ id: MODELS[1], recipe: RECIPE, by: PERSON });
      await untilModel(MODELS[1]);
      await registry.rollback({ recipe: RECIPE, by: PERSON });
      await untilModel(MODELS[0]);
    },
  );
  const { latenciesMs, models, answered } = figures;
  bench.onStep(`swap and rollback: ${JSON.stringify(models)}`);
  return { framesPerSecond, answered, models, p99Ms: quantile(latenciesMs, 0.99), ...failuresOf([figures]) };
}

/** The same inspector once more: its runtime is chosen by then. */
async function startAgain({ dir, broker }: Scene, road: Road, stage: Stage, cameras: number): Promise<number> {
  await road.stop();
  const again = await openInspectorRoad({
    name: road.name,
    station: stage.stationOf(`again${cameras}`, cameras, broker.url),
    registryDir: stage.registry.dir,
    dir: join(dir, `auto-${cameras}`),
    precision: 'auto',
  });
  await again.stop();
  return again.startMs;
}

async function driveSmall({ bench, dir, broker }: Scene): Promise<FramePathFigures['small']> {
  const { framesPerSecond } = SMALL;
  const stage = await setStage(findBackbone(SMALL.backbone), {
    ...SMALL,
    dir: join(dir, 'small'),
    precisions: ['fp32'],
  });
  const own = join(dir, 'small', 'inspector');
  await mkdir(own);
  const road = await openInspectorRoad({
    name: 'inspector, small pictures',
    station: stage.stationOf('small', bench.cameras[0] ?? 1, broker.url),
    registryDir: stage.registry.dir,
    dir: own,
    precision: 'fp32',
  });
  const pace = { kind: 'rate', framesPerSecond } as const;
  const figures = await road.run({ pace, warmSeconds: warmOf(bench), seconds: 2 * bench.seconds });
  await road.stop();
  const { mainCpuMs, seconds, answered, latenciesMs } = figures;
  return {
    framesPerSecond: answered / seconds,
    cores: mainCpuMs / 1_000 / seconds,
    p99Ms: quantile(latenciesMs, 0.99),
    frameKb: stage.frameKb,
    ...failuresOf([figures]),
  };
}

function rateOf(runs: readonly RoadFigures[]): number {
  return sum(runs, ({ answered }) => answered) / sum(runs, ({ seconds }) => seconds);
}

function failuresOf(runs: readonly RoadFigures[]): Failures {
  const notPassed: Record<string, number> = {};
  for (const run of runs)
    for (const [reason, count] of Object.entries(run.notPassed)) notPassed[reason] = (notPassed[reason] ?? 0) + count;
  return { lost: sum(runs, ({ lost }) => lost), late: sum(runs, ({ late }) => late), notPassed };
}

function sum(runs: readonly RoadFigures[], read: (run: RoadFigures) => number): number {
  return runs.reduce((total, run) => total + read(run), 0);
}

/** @param rising the smallest first; NaN of none */
function quantile(rising: readonly number[], share: number): number {
  return rising.length === 0 ? Number.NaN : quantileSorted([...rising], share);
}
