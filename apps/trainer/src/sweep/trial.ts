import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '#contracts';
import { chooseBackend } from '#model/backend/choose';
import { GOOD, groupOf } from '#model/dataset/sample';
import { evaluateScores } from '#model/metrics';
import { ThreadedSession } from '#model/runtime/threaded-session';
import { readGiven } from '../given.js';
import { type Scored, scoreWith } from '../judge/score.js';
import { MAX_PIXELS } from '../limits.js';
import { inRunFolder } from '../run-log.js';
import type { NetworkRequest } from '../run-request.js';
import { assembleNetwork, graphOf } from '../steps/export.js';
import { type TrainedNetwork, trainNetwork } from '../train.js';
import { writeWhole } from '../write-whole.js';
import { refuseOneClass } from './refuse-one-class.js';

/** What a trial leaves: how its network scores the validation pictures, and nothing of the test side. */
export const TrialResult = z.strictObject({
  schema: z.literal('lineside.trial/1'),
  /** Over every picture, its label and its side. */
  fingerprint: z.string(),
  /** What trained, in words. */
  backend: z.string(),
  seconds: z.number(),
  pictures: z.array(
    z.strictObject({ path: z.string(), group: z.string(), isDefect: z.boolean(), score: z.number().min(0).max(1) }),
  ),
});
export type TrialResult = z.infer<typeof TrialResult>;

export const TRIAL_FILE = 'trial.json';

/**
 * Train by a plan as `train` does and stop when validation is scored: no model is written, `trial.json` is the last file
 * of the folder.
 * @throws InputError TRIAL_ONE_CLASS, and as a run
 */
export async function tryPlan(request: NetworkRequest): Promise<TrialResult> {
  refuseOneClass(request.plan);
  const given = await readGiven(request);
  return inRunFolder(request, async (log) => {
    const startedMs = performance.now();
    const learnt = await trainNetwork({ ...request, ...given }, log);
    const scored = await scoreValidation(learnt);
    const { auroc, averagePrecision, maxF1 } = evaluateScores(scored, { threshold: 0.5, greyZone: [0.5, 0.5] });
    const figures = [auroc, averagePrecision, maxF1].map((figure) => figure.toFixed(4));
    log.step('evaluate', `validation AUROC ${figures[0]}, average precision ${figures[1]}, max F1 ${figures[2]}`);
    const result: TrialResult = {
      schema: 'lineside.trial/1',
      fingerprint: learnt.data.fingerprint,
      backend: `${learnt.backend.name} (${learnt.backend.device}), ${learnt.workers} workers`,
      seconds: (performance.now() - startedMs) / 1000,
      pictures: scored.map(({ sample, isDefect, score }) => ({
        path: sample.path,
        group: groupOf(sample),
        isDefect,
        score,
      })),
    };
    await writeWhole(join(request.out, TRIAL_FILE), JSON.stringify(result));
    log.done({ modelId: null, out: request.out });
    return result;
  });
}

/** The graph that a run would have exported judges, from memory. */
async function scoreValidation({ backend, data, known, preprocess, head, weights }: TrainedNetwork): Promise<Scored[]> {
  // Assembling reads whole tensors on the spot.
  if (backend.reads === 'later') await chooseBackend('wasm');
  const { network, graph } = assembleNetwork({ known, weights, head, guard: null, preprocess });
  network.dispose();
  const readout = { labels: [...data.labels], good: GOOD, graph: graphOf(known.backbone), guard: null };
  const session = await ThreadedSession.open(graph.graph.write(graph.header), {
    outputs: [readout.graph.outputs.probabilities],
  });
  try {
    return await scoreWith(session, data.split.val, { readout, preprocess, maxPixels: MAX_PIXELS });
  } finally {
    await session.close();
  }
}

/** The result of a trial that has ended well; null where it has not. */
export async function readTrial(dir: string): Promise<TrialResult | null> {
  const text = await readFile(join(dir, TRIAL_FILE), 'utf8').catch(() => '');
  return TrialResult.safeParse(readJson(text)).data ?? null;
}
