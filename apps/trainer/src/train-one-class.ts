import { join } from 'node:path';
import type { AtThreshold, Evaluation } from '#contracts';
import { chooseBackend } from '#model/backend/choose';
import type { ModelCard, OperatingPoint, PrecisionEntry } from '#model/card';
import { GOOD } from '#model/dataset/sample';
import { countAtPoint, evaluateScores } from '#model/metrics';
import { buildOneClass, ONE_CLASS_LAYERS, PATCH_LAYER } from '#model/one-class/network';
import { runtimeVersion } from '#model/runtime/onnx-session';
import { findWeights, loadWeights } from '#model/weights/store';
import { Registry } from '#registry';
import { MAX_PIXELS } from './limits.js';
import { preprocessOf, writeCard } from './steps/card.js';
import { certify, scoreGolden } from './steps/certify.js';
import { prepareDataset } from './steps/dataset.js';
import { GRAPH_FILES, graphOf, writeNetwork } from './steps/export.js';
import { chooseGolden } from './steps/golden.js';
import { learnGoodPatches } from './steps/good-patches.js';
import { learnPictures } from './steps/image-gate.js';
import { measureSpeed } from './steps/measure-speed.js';
import { makePrecisions } from './steps/precisions.js';
import { type Scored, scorePictures } from './steps/score.js';
import { writeSnapshot } from './steps/snapshot.js';
import type { TrainRequest } from './train.js';
import type { TrainLog } from './train-log.js';

/** What a one-class model says: a picture as strange as the limit has P(defect) = 1/2. There is no grey zone to choose. */
const POINT: OperatingPoint = { threshold: 0.5, greyZone: [0.5, 0.5] };
const DEFECT = 'defect';

/**
 * One run without defects, from good pictures to a certified model. Defective pictures, where there are some, never teach
 * and never choose: on validation and test they only tell how good the model is.
 */
export async function trainOneClass(request: TrainRequest, log: TrainLog): Promise<ModelCard> {
  const { plan, out } = request;
  const backend = await chooseBackend('wasm');
  const data = await prepareDataset({ ...request, ...plan, isOneClass: true, maxPixels: MAX_PIXELS }, log);
  await writeSnapshot(out, data.split);
  const train = data.split.train.filter(({ label }) => label === GOOD);

  const known = await findWeights(plan.weights, request.weightsDir);
  const { backbone } = known;
  const pretrained = await loadWeights(known);
  const preprocess = preprocessOf(plan, backbone);
  const reading = { known, weights: pretrained, preprocess, maxPixels: MAX_PIXELS };
  const learnt = await learnGoodPatches(train, { ...reading, oneClass: plan.oneClass, seed: plan.seed }, log);

  const weights = new Map([...pretrained, ...learnt.weights]);
  const network = buildOneClass(backbone, preprocess.resize, plan.oneClass.patches);
  const described = graphOf({ ...backbone, featureMap: PATCH_LAYER });
  const exporting = { known, weights, outputs: Object.values(described.outputs), exact: ONE_CLASS_LAYERS };
  const graph = await writeNetwork(out, network, exporting);
  log.step('export', `${GRAPH_FILES.fp32} and tfjs model in ${out}`);

  const graphFile = join(out, GRAPH_FILES.fp32);
  const readout = { labels: [GOOD, DEFECT], good: GOOD, graph: described, guard: null };
  const scoring = { graphFile, readout, preprocess, maxPixels: MAX_PIXELS };
  const validation = await scorePictures(data.split.val, scoring);
  const test = await scorePictures(data.split.test, scoring);
  const counted = countAtPoint(validation, POINT);
  const metrics = { validation: evaluateMixed(validation), test: evaluateMixed(test) };
  log.step(
    'evaluate',
    [
      describe('validation', counted, metrics.validation),
      describe('test', countAtPoint(test, POINT), metrics.test),
    ].join('; '),
  );

  const imageGate = await learnPictures(data.split, { preprocess, maxPixels: MAX_PIXELS }, log);
  const msPerPicture = await measureSpeed(graphFile, { readout, preprocess });
  const judged = await makePrecisions(
    {
      ...{
        dir: out,
        graph,
        plan,
        train,
        validation,
        operatingPoint: POINT,
        readout,
        preprocess,
        maxPixels: MAX_PIXELS,
      },
      runtime: `onnxruntime-node ${runtimeVersion} cpu ${process.platform}-${process.arch}`,
    },
    log,
  );
  const accepted = judged.filter(({ entry }) => entry.accepted);
  const golden = await chooseGolden(out, [validation, ...accepted.map(({ scored }) => scored)], {
    operatingPoint: POINT,
    guard: null,
  });
  const { certification, figures } = await certify(network, {
    ...scoring,
    operatingPoint: POINT,
    files: golden.certified,
  });
  network.dispose();
  const { maxDifference, pictures } = certification;
  log.step('certify', `largest difference ${maxDifference.toExponential(1)} on ${pictures} pictures`);

  const { fn: missed, fp: overkill } = counted;
  const fp32 = { precision: 'fp32', accepted: true, file: GRAPH_FILES.fp32, reason: null } as const;
  const entries: PrecisionEntry[] = [{ ...fp32, missed, overkill, msPerPicture, certification }];
  const goldenFigures = [{ precision: fp32.precision as 'fp32' | 'fp16' | 'int8', figures }];
  for (const { entry } of accepted) {
    const order = { ...scoring, graphFile: join(out, entry.file ?? ''), operatingPoint: POINT };
    goldenFigures.push({ precision: entry.precision, figures: await scoreGolden(order, golden, out) });
  }
  const { overkill: asked, patches } = plan.oneClass;
  const { fp: rejected, tn } = counted;
  const card = await writeCard(out, {
    ...{ plan, data, known, backend, workers: 1, weights, imageGate, validation, metrics, golden, goldenFigures },
    labels: readout.labels,
    graph: described,
    operatingPoint: POINT,
    operatingReason: null,
    calibration: null,
    guard: null,
    oneClass: { overkill: asked, heldOut: learnt.heldOut, validation: { pictures: rejected + tn, rejected }, patches },
    precisions: [...entries, ...judged.map(({ entry }) => entry)],
  });
  if (request.registry !== null) {
    await (await Registry.open(request.registry, { create: true })).put(out);
    log.step('registry', `${card.id} put into ${request.registry}; \`lineside promote\` makes it live`);
  }
  return card;
}

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
