import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '#contracts';
import type { Artefact } from '#model/artefact';
import { chooseBackend } from '#model/backend/choose';
import type { ModelCard } from '#model/card';
import { limitPictureThreads } from '#model/preprocess/decode';
import { scoreSides } from './judge/score.js';
import { LEARNING_FILE } from './learning.js';
import { LEARNT_SHEET } from './learnt-sheet.js';
import { MAX_PIXELS } from './limits.js';
import { aimOf } from './plan/operating-point.js';
import type { Plan } from './plan/plan.js';
import { changeWish } from './plan/read-plan.js';
import { inRunFolder } from './run-log.js';
import { explainGone, refuseChanged, SNAPSHOT_FILE } from './snapshot.js';
import { completeModel } from './steps/complete.js';
import { prepareDataset, readNames } from './steps/dataset.js';
import { copyNetwork } from './steps/export.js';
import { type OperatingChoice, refuseHopelessWish, setOperatingPoint } from './steps/operating-point.js';
import { registerModel } from './steps/register.js';
import { refuseAmongClasses } from './take-out.js';
import { TrainLog, type TrainSink } from './train-log.js';

export interface MoveRequest {
  readonly artefact: Artefact;
  /** Directory of the pictures that the model was made with; their sides are in the model. */
  readonly data: string;
  /** The wish, by dotted keys of the plan: `operatingPoint.missAtMost`. */
  readonly settings: Readonly<Record<string, string>>;
  /** Directory of the model that has the wish; null only says what the wish would mean. */
  readonly out: string | null;
  readonly registry: string | null;
  readonly sinks: readonly TrainSink[];
}

export interface Moved {
  readonly choice: OperatingChoice;
  /** null where nothing was written. */
  readonly card: ModelCard | null;
}

/**
 * Set the operating point of a trained model by another wish, without training: its own pictures are scored once more,
 * and what depends on the threshold is made anew. The result is another model with the same weights.
 * @throws InputError THRESHOLD_ONE_CLASS | PLAN_INVALID | OUT_TAKEN | OUT_IN_DATA | DATA_CHANGED, and as `readNames` and `prepareDataset`
 * @throws DependencyError OUT_BUSY | RUN_FOLDER
 * @throws RefusedError as `setOperatingPoint` and `completeModel`
 */
export async function moveThreshold(request: MoveRequest): Promise<Moved> {
  const { artefact, out, sinks } = request;
  refuseOneClass(artefact.card);
  const plan = changeWish(artefact.card.plan, request.settings);
  // Many pictures at a time.
  limitPictureThreads(1);
  if (out === null) return { choice: (await chooseAgain(request, plan, new TrainLog(sinks))).choice, card: null };
  // The run's own split says nothing of how the next training reads the data.
  await refuseAmongClasses({ data: request.data }, out);
  return inRunFolder({ out, plan, sinks }, async (log) => {
    const { choice, ...scored } = await chooseAgain(request, plan, log);
    const card = await derive({ artefact, dir: out, plan, ...scored }, choice, log);
    await registerModel(card, { out, registry: request.registry }, log);
    log.done({ modelId: request.registry === null ? null : card.id, out });
    return { choice, card };
  });
}

/** Score the sides that the model was judged on, and choose on validation by the new wish. */
async function chooseAgain({ artefact, ...request }: MoveRequest, plan: Plan, log: TrainLog) {
  const { card, dir, graphFiles } = artefact;
  // The snapshot has the groups and sides that columns gave the run.
  const sides = { ...plan, data: request.data, split: join(dir, SNAPSHOT_FILE), splitBy: null, stratifyBy: null };
  const named = await readNames(sides).catch((cause: unknown) => explainGone(cause, artefact));
  const data = await prepareDataset({ ...sides, named, maxPixels: MAX_PIXELS }, log);
  await refuseChanged(data, artefact);
  for (const { about, words } of card.doubts ?? []) if (about === 'learnt') log.doubt(about, words);
  const aim = aimOf(plan.operatingPoint);
  refuseHopelessWish(aim, data.split);
  const judging = { graphFile: graphFiles.fp32, readout: card, preprocess: card.preprocess, maxPixels: MAX_PIXELS };
  const { validation, test } = await scoreSides(data.split, judging);
  return { data, validation, test, choice: setOperatingPoint({ validation, test, aim, guard: card.guard }, log) };
}

type Scored = Omit<Awaited<ReturnType<typeof chooseAgain>>, 'choice'>;

/** The network as it is, and around it everything that the operating point decides. */
async function derive(
  { artefact, dir, ...model }: Scored & { artefact: Artefact; dir: string; plan: Plan },
  choice: OperatingChoice,
  log: TrainLog,
): Promise<ModelCard> {
  await chooseBackend('wasm');
  const network = await copyNetwork(artefact, dir);
  const files = [SNAPSHOT_FILE, LEARNT_SHEET, LEARNING_FILE].filter((file) => file in artefact.card.files);
  for (const file of files) await copyFile(join(artefact.dir, file), join(dir, file));
  const trained = { ...artefact.card, derivedFrom: artefact.card.id };
  return completeModel(
    { dir, ...model, ...network, files, learntFrom: model.data.split.train, trained, judged: choice },
    log,
  );
}

/** @throws InputError THRESHOLD_ONE_CLASS */
function refuseOneClass({ id, oneClass }: ModelCard): void {
  if (oneClass === null) return;
  throw new InputError(
    'THRESHOLD_ONE_CLASS',
    `Model ${id} learned from good pictures alone: its limit is one of its weights, set by oneClass.overkill (now ${oneClass.overkill}), so there is no operating point to move. Train again with --set oneClass.overkill=SHARE.`,
  );
}
