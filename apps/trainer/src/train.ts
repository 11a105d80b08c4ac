import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Freeze } from '#model/backbones/freeze';
import { chooseBackend } from '#model/backend/choose';
import type { ModelCard } from '#model/card';
import { GOOD } from '#model/dataset/sample';
import { limitPictureThreads } from '#model/preprocess/decode';
import { loadWeights } from '#model/weights/store';
import { Checkpoints } from './checkpoints.js';
import { type Given, readGiven } from './given.js';
import { scoreSides } from './judge/score.js';
import { LEARNING_FILE, writeLearning } from './learning.js';
import { LEARNT_SHEET, writeLearntSheet } from './learnt-sheet.js';
import { MAX_PIXELS } from './limits.js';
import { aimOf } from './plan/operating-point.js';
import { preprocessOf } from './plan/preprocess-of.js';
import { settle } from './plan/settle.js';
import { inRunFolder } from './run-log.js';
import type { NetworkRequest, RunRequest } from './run-request.js';
import { SNAPSHOT_FILE, writeSnapshot } from './snapshot.js';
import { askViewsBeside } from './steps/broken-views.js';
import { calibrate } from './steps/calibrate.js';
import { originOf } from './steps/card.js';
import { completeModel } from './steps/complete.js';
import { prepareDataset } from './steps/dataset.js';
import { describeShrunk } from './steps/doubts.js';
import { exportNetwork, GRAPH_FILES, graphOf } from './steps/export.js';
import { computeFeatures } from './steps/features.js';
import { crossValidate } from './steps/folds.js';
import { learnGuard } from './steps/guard.js';
import { learnPictures } from './steps/image-gate.js';
import { learn } from './steps/learn.js';
import { refuseHopelessWish, setOperatingPoint } from './steps/operating-point.js';
import { phasesOf } from './steps/phase.js';
import { registerModel } from './steps/register.js';
import { workersOf } from './steps/workers.js';
import { StopSwitch } from './stop-switch.js';
import type { TrainLog } from './train-log.js';
import { trainOneClass } from './train-one-class.js';

/**
 * One run, from labelled pictures to a certified model in the registry. What it says goes to the run's folder and to
 * the sinks; a failure is said there too and thrown on.
 */
export async function train(request: RunRequest): Promise<ModelCard> {
  // Many pictures at a time.
  limitPictureThreads(1);
  const { plan } = request;
  const given = await readGiven(request);
  return inRunFolder(request, async (log) => {
    const card =
      plan.mode === 'one-class'
        ? await trainOneClass({ ...request, ...given }, log)
        : await deliver(await trainNetwork({ ...request, ...given }, log), request, log);
    log.done({ modelId: request.registry === null ? null : card.id, out: request.out });
    return card;
  });
}

/** From labelled pictures to trained weights. */
export async function trainNetwork(request: NetworkRequest & Given, log: TrainLog) {
  const { out, known, freeze } = request;
  await mkdir(request.cacheDir, { recursive: true });
  const backend = await chooseBackend(request.plan.backend);
  const workers = workersOf(request.plan, backend);
  const broken = backend.passedOver.map((words) => `; passed over ${words}`).join('');
  log.step('backend', `${backend.name} (${backend.device}), ${workers} workers${broken}`);

  const data = await prepareDataset({ ...request, ...request.plan, maxPixels: MAX_PIXELS }, log);
  const plan = settle(request.plan, data.split.train.length);
  await writeSnapshot(out, data.split);
  await writeLearntSheet(out, data.dataset.thumbnails);
  const { labels } = data;
  const aim = aimOf(plan.operatingPoint);
  refuseHopelessWish(aim, data.split);

  const pretrained = await loadWeights(known);
  const preprocess = preprocessOf(plan, known.backbone);
  for (const doubt of describeShrunk(data.dataset.samples, preprocess)) log.doubt('learnt', doubt);
  log.step('freeze', describeFreeze(freeze));
  const phases = phasesOf(plan);
  const checkpoints = await Checkpoints.open(
    out,
    {
      identity: { plan, data: data.fingerprint, weights: known.sha256, backend: backend.name, workers },
      isResumed: request.isResumed ?? false,
    },
    log,
  );
  const cut = plan.fineTune.epochs === 0 ? 'embedding' : freeze.cut;
  const sides = { train: data.split.train, validation: data.split.val };
  const epochs = phases.features.epochs + phases.fineTune.epochs;
  const seen = { ...request, plan, epochs, known, weights: pretrained, preprocess, cut, labels, maxPixels: MAX_PIXELS };
  const head = { ...plan.head, labels: labels.length };
  const work = { backend: backend.name, workers, checkpoints, stop: request.stop ?? new StopSwitch() };
  const learning = { ...work, plan, known, pretrained, head, size: preprocess.resize, cut, freeze, phases };
  if (plan.folds !== null)
    await crossValidate({ ...data, ...plan, folds: plan.folds, out, features: seen, learn: learning }, log);

  const features = await computeFeatures(sides, seen, log);
  try {
    const viewed = { ...features, samples: sides.train, plan, labels };
    const learnt = await askViewsBeside(viewed, { log, work: () => learn({ ...learning, features }, log) });
    const pooled = plan.guard === 'off' ? [] : await features.pooled();
    const calibrated = calibrate({ ...learnt, plan }, log);
    return { plan, backend, workers, data, aim, known, preprocess, cut, head, pooled, checkpoints, ...calibrated };
  } finally {
    await features.close();
  }
}

/** What a run has when everything is learnt and nothing of the model is written yet. */
export type TrainedNetwork = Awaited<ReturnType<typeof trainNetwork>>;

/** From trained weights to a certified model: guard, graphs, figures, card, registry. */
async function deliver(learnt: TrainedNetwork, request: RunRequest, log: TrainLog): Promise<ModelCard> {
  const { plan, backend, data, aim, known, preprocess, cut, head, pooled, weights, calibration, checkpoints } = learnt;
  const { out } = request;
  const falseAlarm = plan.guard === 'off' ? null : plan.guard.falseAlarm;
  const guard = learnGuard(data.split.train, { known, preprocess, cut, pooled, falseAlarm }, log);

  // Export and certification read whole tensors on the spot.
  if (backend.reads === 'later') await chooseBackend('wasm');
  const exported = await exportNetwork(out, { known, weights, head, guard, preprocess });
  log.step('export', `${GRAPH_FILES.fp32} and tfjs model in ${out}`);

  const { labels } = data;
  const readout = { labels: [...labels], good: GOOD, graph: graphOf(known.backbone), guard: guard?.card ?? null };
  const judging = { graphFile: join(out, GRAPH_FILES.fp32), readout, preprocess, maxPixels: MAX_PIXELS };
  const { validation, test } = await scoreSides(data.split, judging);
  const judged = setOperatingPoint({ validation, test, aim, guard: readout.guard }, log);

  const imageGate = await learnPictures(data.split, judging, log);

  const trained = { ...readout, ...originOf(learnt), preprocess, imageGate, calibration };
  await writeLearning(out);
  const files = [SNAPSHOT_FILE, LEARNT_SHEET, LEARNING_FILE];
  const model = { dir: out, ...exported, files, plan, data, learntFrom: data.split.train };
  const card = await completeModel({ ...model, validation, test, trained, judged }, log);
  await registerModel(card, request, log);
  await checkpoints.remove();
  return card;
}

function describeFreeze({ layers, ofLayers, firstOpen, parameters }: Freeze): string {
  const learns =
    firstOpen === null
      ? 'only the head learns'
      : `${firstOpen} is the first that learns, ${parameters.toLocaleString('en')} parameters with what follows`;
  return `${layers} of ${ofLayers} layers frozen, ${learns}`;
}
