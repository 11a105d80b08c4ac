import { rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { InputError, InvariantError } from '#contracts';
import type { Certification, OperatingPoint, Precision, PrecisionEntry } from '#model/card';
import { readSample } from '#model/dataset/read-sample';
import type { Sample } from '#model/dataset/sample';
import { verdictOfScored } from '#model/decide';
import { countAtPoint } from '#model/metrics';
import { watchRanges } from '#model/onnx/calibration';
import { correctBiases } from '#model/onnx/correct-biases';
import type { NetworkGraph } from '#model/onnx/export';
import { toHalf } from '#model/onnx/half';
import { type Quantising, quantise } from '#model/onnx/quantise';
import { chooseQuantised, widestNodes } from '#model/onnx/quantised-parts';
import { preparePicture } from '#model/preprocess/preprocess';
import { joinPictures, type PictureBatch, splitBatch } from '#model/runtime/session';
import { type Scored, type ScoreRequest, scorePictures } from '../judge/score.js';
import type { Plan } from '../plan/plan.js';
import type { TrainLog } from '../train-log.js';
import { writeWhole } from '../write-whole.js';
import { GRAPH_FILES } from './export.js';
import { measureSpeed } from './measure-speed.js';

export interface PrecisionsRequest extends Omit<ScoreRequest, 'graphFile'> {
  readonly dir: string;
  readonly graph: NetworkGraph;
  readonly plan: Plan;
  /** Pictures that ranges are taken from. */
  readonly train: readonly Sample[];
  /** The whole validation side as the fp32 graph scores it. */
  readonly validation: readonly Scored[];
  readonly operatingPoint: OperatingPoint;
  readonly runtime: string;
}

/** A graph in another precision: what the card says of it, and its scores on validation. */
export interface Judged {
  readonly entry: PrecisionEntry;
  readonly scored: readonly Scored[];
}

/** Pictures that show the ranges of int8. */
const CALIBRATION_PICTURES = 100;
/** Pictures that show what int8 adds on average, which halves its error (docs/precisions.md). */
const CORRECTION_PICTURES = 16;
/** What their widest maps may take of memory: large networks are shown fewer. */
const CORRECTION_BYTES = 2 ** 29;

/**
 * Write the graphs of the other precisions that the plan asks for, and judge each on the whole validation side at the
 * same operating point: one that misses more, or rejects more, than the plan allows is refused and its file removed.
 * int8 has three tries: weights of seven bits, of eight, and so with the widest maps in float.
 */
export async function makePrecisions(request: PrecisionsRequest, log: TrainLog): Promise<Judged[]> {
  const startedMs = performance.now();
  const judged: Judged[] = [];
  for (const precision of request.plan.precision.make) judged.push(await makeOne(precision, request, log));
  for (const { entry } of judged) log.step('precision', describe(entry));
  if (judged.length > 0)
    log.step('precision', `made and judged in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return judged;
}

async function makeOne(precision: 'fp16' | 'int8', request: PrecisionsRequest, log: TrainLog): Promise<Judged> {
  try {
    return precision === 'fp16'
      ? await judge(precision, toHalf(request.graph), request)
      : await makeQuantised(request, log);
  } catch (error) {
    if (!(error instanceof InputError) || error.code !== 'EXPORT_RANGE') throw error;
    return { entry: { precision, accepted: false, file: null, reason: error.message }, scored: [] };
  }
}

async function makeQuantised(request: PrecisionsRequest, log: TrainLog): Promise<Judged> {
  const { graph } = request;
  const all = chooseQuantised(graph, new Set());
  const ranges = await watchRanges(graph, {
    values: [...all.values.keys()],
    pictures: calibrationPictures(request, CALIBRATION_PICTURES),
  });
  const shown = await Promise.all(calibrationPictures(request, correctionCount(graph)));
  // Of each another tile: what they take does not grow with the tiles of a plan.
  const pictures = shown.map((picture, i) => splitBatch(picture, 1)[i % picture.count] ?? picture);
  const attempt = async (how: Pick<Quantising, 'parts' | 'weights'>): Promise<Judged> => {
    const quantising = { ...how, ranges };
    const corrected = await correctBiases(graph, { ...quantising, pictures, threads: availableParallelism() });
    return judge('int8', quantise(corrected, quantising), request);
  };
  const first = await attempt({ parts: all, weights: 'narrow' });
  if (first.entry.accepted) return first;
  log.step('precision', `int8 of seven bits ${first.entry.reason}: tried again with eight`);
  const second = await attempt({ parts: all, weights: 'full' });
  if (second.entry.accepted) return second;
  log.step('precision', `int8 of eight bits ${second.entry.reason}: tried again with the widest maps in float as well`);
  return attempt({ parts: chooseQuantised(graph, widestNodes(graph)), weights: 'full' });
}

function correctionCount({ shapes }: NetworkGraph): number {
  const sizes = [...shapes.values()].map((shape) => shape.reduce((product, side) => product * side, 4));
  return Math.max(1, Math.min(CORRECTION_PICTURES, Math.floor(CORRECTION_BYTES / Math.max(...sizes))));
}

async function judge(
  precision: Precision,
  { graph, header }: NetworkGraph,
  request: PrecisionsRequest,
): Promise<Judged> {
  const { dir, operatingPoint, plan, validation } = request;
  const file = GRAPH_FILES[precision];
  const graphFile = join(dir, file);
  await writeWhole(graphFile, graph.write(header));
  const scored = await scorePictures(
    validation.map(({ sample }) => sample),
    { ...request, graphFile },
  );
  const reason = reasonToRefuse(scored, { validation, operatingPoint, allowance: plan.precision.allowance });
  // Where a score is no number there are no figures to tell either.
  const measured = scored.every(hasNumber)
    ? {
        precision,
        ...countMistakes(scored, operatingPoint),
        msPerPicture: await measureSpeed(graphFile, request),
        certification: compareScores(scored, request),
      }
    : null;
  if (measured !== null && reason === null) return { scored, entry: { ...measured, accepted: true, file, reason } };
  await rm(graphFile);
  if (reason === null) throw new InvariantError('A graph without figures was not refused.');
  return { scored, entry: { precision, ...measured, accepted: false, file: null, reason } };
}

function hasNumber({ score }: { score: number }): boolean {
  return Number.isFinite(score);
}

function countMistakes(scored: readonly Judgeable[], point: OperatingPoint): { missed: number; overkill: number } {
  const { fn, fp } = countAtPoint(scored, point);
  return { missed: fn, overkill: fp };
}

type Judgeable = Pick<Scored, 'score' | 'isDefect' | 'isUnfamiliar'>;

/**
 * Why a graph is worse than fp32 by more than is allowed; null when it is not. A score that is no number refuses it
 * whatever is allowed: the line would call the part inconclusive, and overkill is no word for that.
 */
export function reasonToRefuse(
  own: readonly Judgeable[],
  against: {
    validation: readonly Judgeable[];
    operatingPoint: OperatingPoint;
    allowance: Plan['precision']['allowance'];
  },
): string | null {
  const { validation, operatingPoint, allowance } = against;
  const broken = own.filter((one) => !hasNumber(one)).length;
  if (broken > 0) return `gives no number as score of ${broken} of ${own.length} pictures: its arithmetic overflows`;
  const [mine, fp32] = [countMistakes(own, operatingPoint), countMistakes(validation, operatingPoint)];
  const goods = validation.filter(({ isDefect }) => !isDefect).length;
  const most = {
    missed: fp32.missed + allowance.missed,
    overkill: fp32.overkill + Math.floor(allowance.overkill * goods),
  };
  const told = [
    ...(mine.missed > most.missed ? [`misses ${mine.missed}, at most ${most.missed} allowed`] : []),
    ...(mine.overkill > most.overkill ? [`rejects ${mine.overkill} good, at most ${most.overkill} allowed`] : []),
  ];
  return told.length === 0 ? null : told.join('; ');
}

function compareScores(
  scored: readonly Scored[],
  { validation, operatingPoint, runtime }: PrecisionsRequest,
): Certification {
  const pairs = scored.map((own, i) => [own, validation[i] ?? { score: Number.NaN }] as const);
  const hasFlipped = ([own, other]: (typeof pairs)[number]) =>
    verdictOfScored(own, operatingPoint) !== verdictOfScored(other, operatingPoint);
  return {
    pictures: pairs.length,
    maxDifference: pairs.reduce((most, [own, other]) => Math.max(most, Math.abs(own.score - other.score)), 0),
    flips: pairs.filter(hasFlipped).length,
    runtime,
  };
}

/** Training pictures chosen by the plan's seed. */
function* calibrationPictures(
  { train, plan, preprocess, maxPixels }: PrecisionsRequest,
  count: number,
): Generator<Promise<PictureBatch>> {
  const random = xoroshiro128plus(plan.seed);
  const left = [...train];
  for (let i = 0; i < count && left.length > 0; i++) {
    const [sample] = left.splice(uniformInt(random, 0, left.length - 1), 1);
    if (sample === undefined) return;
    yield readSample(sample).then(async (bytes) =>
      joinPictures([await preparePicture(bytes, { preprocess, maxPixels })]),
    );
  }
}

function describe({ precision, accepted, reason, missed, overkill, msPerPicture }: PrecisionEntry): string {
  const figures = `missed ${missed ?? '-'}, overkill ${overkill ?? '-'}, ${msPerPicture?.toFixed(1) ?? '-'} ms per picture`;
  return `${precision}: ${figures}, ${accepted ? 'accepted' : `refused: ${reason}`}`;
}
