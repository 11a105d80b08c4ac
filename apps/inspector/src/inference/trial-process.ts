import process from 'node:process';
import { CodedError, messageOf, type Precision } from '#contracts';
import { type Artefact, openArtefact } from '#model/artefact';
import { checkGolden } from '#model/runtime/golden-check';
import { openSession } from '#model/runtime/open-session';
import { timeRuns } from '#model/runtime/time-runs';
import type { Failed, Trial, TrialOrder } from './trial.js';

// Entry of the trying process: one runtime, its precisions one after the other, an answer for each, then it is over.

/** The golden pictures have warmed the session; more runs than these tell nothing new and hold up the start. */
const RUNS = 9;
const BUDGET_MS = 300;

async function tryOne(artefact: Artefact, precision: Precision, order: TrialOrder): Promise<Trial> {
  const { runtime, maxPixels, engineDir } = order;
  const place = { runtime, precision };
  try {
    const session = await openSession(artefact, { ...place, engineDir, threads: 1 });
    try {
      await checkGolden({ artefact, session, precision, maxPixels });
      const { width, height } = artefact.card.preprocess.resize;
      const timed = { width, height, count: 1, warmUp: 0, runs: RUNS, budgetMs: BUDGET_MS };
      return { ...place, ok: true, msPerPicture: await timeRuns(session, timed) };
    } finally {
      await session.close();
    }
  } catch (error) {
    return { ...place, ...failure(error) };
  }
}

async function tryEach(order: TrialOrder): Promise<void> {
  const { runtime, precisions, modelDir } = order;
  const artefact = await openArtefact(modelDir).catch(failure);
  for (const precision of precisions) {
    const trial = 'ok' in artefact ? { runtime, precision, ...artefact } : await tryOne(artefact, precision, order);
    await new Promise((resolve) => process.send?.(trial, resolve));
  }
}

function failure(error: unknown): Failed {
  return { ok: false, code: error instanceof CodedError ? error.code : 'INVARIANT', message: messageOf(error) };
}

process.once('message', (order: TrialOrder) => void tryEach(order).then(() => process.exit(0)));
process.on('disconnect', () => process.exit(0));
