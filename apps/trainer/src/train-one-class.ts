import { join } from 'node:path';
import type { AtThreshold, Evaluation } from '#contracts';
import { chooseBackend } from '#model/backend/choose';
import type { ModelCard, OneClass, OperatingPoint } from '#model/card';
import { GOOD } from '#model/dataset/sample';
import { countAtPoint, evaluateScores } from '#model/metrics';
import { buildOneClass, ONE_CLASS_LAYERS, PATCH_LAYER } from '#model/one-class/network';
import { loadWeights } from '#model/weights/store';
import { Checkpoints } from './checkpoints.js';
import type { Given } from './given.js';
import { type Scored, scoreSides } from './judge/score.js';
import { LEARNT_SHEET, writeLearntSheet } from './learnt-sheet.js';
import { MAX_PIXELS } from './limits.js';
import { preprocessOf } from './plan/preprocess-of.js';
import type { RunRequest } from './run-request.js';
import { SNAPSHOT_FILE, writeSnapshot } from './snapshot.js';
import { type JudgedFacts, originOf } from './steps/card.js';
import { completeModel } from './steps/complete.js';
import { prepareDataset } from './steps/dataset.js';
import { describeShrunk } from './steps/doubts.js';
import { GRAPH_FILES, graphOf, writeNetwork } from './steps/export.js';
import { learnGoodPatches } from './steps/good-patches.js';
import { learnPictures } from './steps/image-gate.js';
import { describeMisses } from './steps/miss-doubt.js';
import { registerModel } from './steps/register.js';
import type { TrainLog } from './train-log.js';

/** What a one-class model says: a picture as strange as the limit has P(defect) = 1/2. There is no grey zone to choose. */
const POINT: OperatingPoint = { threshold: 0.5, greyZone: [0.5, 0.5] };
const DEFECT = 'defect';
const WHY_MISSED =
  'to its patches they look like good parts. Show the defect larger (roi, tiles), allow more overkill (oneClass.overkill), or train a classifier on them';
/** Patches are remembered by one thread. */
const WORKERS = 1;

/**
 * One run without defects, from good pictures to a certified model. Defective pictures, where there are some, never teach
 * and never choose: on validation and test they only tell how good the model is.
 */
export async function trainOneClass(request: RunRequest & Given, log: TrainLog): Promise<ModelCard> {
  const { plan, out, known } = request;
  const backend = await chooseBackend('wasm');
  const data = await prepareDataset({ ...request, ...plan, isOneClass: true, maxPixels: MAX_PIXELS }, log);
  await writeSnapshot(out, data.split);
  await writeLearntSheet(out, data.dataset.thumbnails);
  const train = data.split.train.filter(({ label }) => label === GOOD);

  const { backbone } = known;
  // Nothing is saved on the way: they say that a card beside them is not yet the run's end.
  const identity = { plan, data: data.fingerprint, weights: known.sha256, backend: backend.name, workers: WORKERS };
  const checkpoints = await Checkpoints.open(out, { identity, isResumed: request.isResumed ?? false }, log);
  const pretrained = await loadWeights(known);
  const preprocess = preprocessOf(plan, backbone);
  for (const doubt of describeShrunk(data.dataset.samples, preprocess)) log.doubt('learnt', doubt);
  const reading = { known, weights: pretrained, preprocess, maxPixels: MAX_PIXELS };
  const learnt = await learnGoodPatches(train, { ...reading, oneClass: plan.oneClass, seed: plan.seed }, log);

  const weights = new Map([...pretrained, ...learnt.weights]);
  const network = buildOneClass(backbone, preprocess.resize, learnt.patches);
  const described = graphOf({ ...backbone, featureMap: PATCH_LAYER });
  const exporting = { known, weights, outputs: Object.values(described.outputs), exact: ONE_CLASS_LAYERS };
  const graph = await writeNetwork(out, network, exporting);
  log.step('export', `${GRAPH_FILES.fp32} and tfjs model in ${out}`);

  const readout = { labels: [GOOD, DEFECT], good: GOOD, graph: described, guard: null };
  const judging = { graphFile: join(out, GRAPH_FILES.fp32), readout, preprocess, maxPixels: MAX_PIXELS };
  const { validation, test } = await scoreSides(data.split, judging);
  const { patches, heldOut } = learnt;
  const told = { overkill: plan.oneClass.overkill, patches, heldOut };
  const judged = judgeAtPoint({ validation, test, told }, log);

  const imageGate = await learnPictures(data.split, judging, log);

  const origin = originOf({ known, backend, workers: WORKERS, weights });
  const trained = { ...readout, ...origin, preprocess, imageGate, calibration: null };
  const files = [SNAPSHOT_FILE, LEARNT_SHEET];
  const model = { dir: out, network, graph, files, plan, data, learntFrom: train };
  const card = await completeModel({ ...model, validation, test, trained, judged }, log);
  await registerModel(card, request, log);
  await checkpoints.remove();
  return card;
}

/** Count what the two sides show; nothing is chosen here. */
function judgeAtPoint(
  { validation, test, told }: Scores & { readonly told: Omit<OneClass, 'validation'> },
  log: TrainLog,
): JudgedFacts {
  const counted = { validation: countAtPoint(validation, POINT), test: countAtPoint(test, POINT) };
  const metrics = { validation: evaluateMixed(validation), test: evaluateMixed(test) };
  const sides = (['validation', 'test'] as const).map((side) => describe(side, counted[side], metrics[side]));
  log.step('evaluate', sides.join('; '));
  for (const doubt of describeMisses({ validation, test }, { point: POINT, why: WHY_MISSED }))
    log.doubt('threshold', doubt);
  const { fp: rejected, tn } = counted.validation;
  const oneClass = { ...told, validation: { pictures: rejected + tn, rejected } };
  return { operatingPoint: POINT, operatingReason: null, metrics, oneClass };
}

type Scores = Readonly<Record<'validation' | 'test', readonly Scored[]>>;

/** Figures that need both kinds; null where a side has one. */
function evaluateMixed(scored: readonly Scored[]): Evaluation | null {
  const defects = scored.filter(({ isDefect }) => isDefect).length;
  return defects === 0 || defects === scored.length ? null : evaluateScores(scored, POINT);
}

function describe(side: string, { tp, fn, fp, tn }: AtThreshold, figures: Evaluation | null): string {
  const ranking =
    figures === null ? 'no defects to tell more' : `AUROC ${figures.auroc.toFixed(4)}, missed ${fn} of ${tp + fn}`;
  return `${side} overkill ${fp} of ${fp + tn}, ${ranking}`;
}
