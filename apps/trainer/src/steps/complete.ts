import { join } from 'node:path';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { ModelCard, PrecisionEntry } from '#model/card';
import type { Sample } from '#model/dataset/sample';
import { countAtPoint } from '#model/metrics';
import type { NetworkGraph } from '#model/onnx/export';
import { runtimeVersion } from '#model/runtime/onnx-session';
import type { Scored } from '../judge/score.js';
import { MAX_PIXELS } from '../limits.js';
import type { Plan } from '../plan/plan.js';
import type { TrainLog } from '../train-log.js';
import { type JudgedFacts, type TrainedFacts, writeCard } from './card.js';
import { certify, scoreGolden } from './certify.js';
import type { PreparedDataset } from './dataset.js';
import { GRAPH_FILES } from './export.js';
import { chooseGolden } from './golden.js';
import { measureSpeed } from './measure-speed.js';
import { makePrecisions } from './precisions.js';
import { reportRun } from './report.js';

/** A trained network whose fp32 graph and tfjs model lie in `dir`, judged at its operating point. */
export interface JudgedModel {
  readonly dir: string;
  /** As it was trained; disposed when the graph agrees with it. */
  readonly network: LayersModel;
  /** The same in memory, to make other precisions of. */
  readonly graph: NetworkGraph;
  /** Of the run, what goes into the artefact beside graphs, tfjs model and golden pictures. */
  readonly files: readonly string[];
  readonly plan: Plan;
  readonly data: PreparedDataset;
  /** What the network learned from; shows the ranges of int8. */
  readonly learntFrom: readonly Sample[];
  /** The whole validation side as the fp32 graph scores it. */
  readonly validation: readonly Scored[];
  /** The held-out test side alike; the report is of it, where there is one. */
  readonly test: readonly Scored[];
  readonly trained: TrainedFacts;
  readonly judged: JudgedFacts;
}

/**
 * From a judged network to a model: its other precisions, golden pictures, certification, card and report. A tfjs backend
 * must be chosen.
 * @throws RefusedError CERTIFICATION_FAILED
 */
export async function completeModel(model: JudgedModel, log: TrainLog): Promise<ModelCard> {
  const { dir, network, graph, files, plan, data, validation, test, trained, judged } = model;
  const { labels, good, graph: described, guard, preprocess } = trained;
  const { operatingPoint } = judged;
  const readout = { labels, good, graph: described, guard };
  const deciding = { readout, preprocess, operatingPoint, maxPixels: MAX_PIXELS };
  const graphFile = join(dir, GRAPH_FILES.fp32);

  const { fn: missed, fp: overkill } = countAtPoint(validation, operatingPoint);
  const msPerPicture = await measureSpeed(graphFile, deciding);
  log.step('precision', `fp32: missed ${missed}, overkill ${overkill}, ${msPerPicture.toFixed(1)} ms per picture`);
  const runtime = `onnxruntime-node ${runtimeVersion} cpu ${process.platform}-${process.arch}`;
  const making = { dir, graph, plan, train: model.learntFrom, validation, runtime };
  const others = await makePrecisions({ ...making, ...deciding }, log);
  const accepted = others.filter(({ entry }) => entry.accepted);

  const golden = await chooseGolden(dir, [validation, ...accepted.map(({ scored }) => scored)], {
    operatingPoint,
    guard,
  });
  const [{ certification, figures }, ...otherFigures] = await Promise.all([
    certify(network, { ...deciding, graphFile, files: golden.certified }),
    ...accepted.map(async ({ entry: { file, precision } }) => {
      const order = { ...deciding, graphFile: join(dir, file ?? '') };
      return { precision, figures: await scoreGolden(order, golden, dir) };
    }),
  ]);
  network.dispose();
  const { maxDifference, pictures } = certification;
  log.step('certify', `largest difference ${maxDifference.toExponential(1)} on ${pictures} pictures`);

  const fp32 = { precision: 'fp32', accepted: true, file: GRAPH_FILES.fp32, reason: null } as const;
  const entry: PrecisionEntry = { ...fp32, missed, overkill, msPerPicture, certification };
  const card = await writeCard(dir, {
    ...{ files, plan, data, trained, judged, validation, golden, doubts: log.doubts },
    precisions: [entry, ...others.map((other) => other.entry)],
    goldenFigures: [{ precision: fp32.precision, figures }, ...otherFigures],
  });
  const { write, robustness } = plan.report;
  if (write) log.step('report', await reportRun({ out: dir, validation, test, robustness }));
  return card;
}
