import process from 'node:process';
import { codeOf, messageOf, type Precision } from '#contracts';
import { tellParent } from '#contracts/tell-parent';
import { type Artefact, openArtefact } from '#model/artefact';
import { checkGolden } from '#model/runtime/golden-check';
import { openSession } from '#model/runtime/open-session';
import type { ModelSession } from '#model/runtime/session';
import { greyBatch, timeInTurn } from '#model/runtime/time-runs';
import { leaveSignalsToParent } from './leave-signals.js';
import type { Failed, TrialAnswer, TrialOrder } from './trial.js';

// Entry of the trying process: one runtime, its precisions in turn, then it is over.

/** The golden pictures have warmed the sessions; more rounds than these tell nothing new and hold up the start. */
const ROUNDS = 5;
const BUDGET_MS = 900;

/** @returns null for a precision that cannot be; that is answered already */
async function openProven(artefact: Artefact, precision: Precision, order: TrialOrder): Promise<ModelSession | null> {
  const { runtime, maxPixels, engineDir } = order;
  try {
    const session = await openSession(artefact, { runtime, precision, engineDir, threads: 1 });
    await checkGolden({ artefact, session, precision, maxPixels });
    return session;
  } catch (error) {
    await answer({ precision, ...failure(error) });
    return null;
  }
}

async function tryEach(order: TrialOrder): Promise<void> {
  const artefact = await openArtefact(order.modelDir);
  const proven: { precision: Precision; session: ModelSession }[] = [];
  for (const precision of order.precisions) {
    const session = await openProven(artefact, precision, order);
    if (session !== null) proven.push({ precision, session });
  }
  const { resize, tiles } = artefact.card.preprocess;
  // All tiles of a picture at once, as the line computes them.
  const picture = greyBatch({ ...resize, count: tiles.columns * tiles.rows });
  const contenders = proven.map(
    ({ session }) =>
      () =>
        session.run(picture),
  );
  const times = await timeInTurn(contenders, { warmUp: 0, rounds: ROUNDS, budgetMs: BUDGET_MS });
  for (const [i, { precision }] of proven.entries()) {
    await answer({ precision, ok: true, msPerPicture: times[i] ?? Number.NaN });
  }
}

function failure(error: unknown): Failed {
  return { ok: false, code: codeOf(error), message: messageOf(error) };
}

function answer(trial: TrialAnswer): Promise<void> {
  return tellParent(trial);
}

// Ended by one of them, it would seem to be of no use here, and what was chosen instead be remembered.
leaveSignalsToParent();
process.once('message', (order: TrialOrder) => {
  void tryEach(order)
    .catch((error: unknown) =>
      Promise.all(order.precisions.map((precision) => answer({ precision, ...failure(error) }))),
    )
    .then(() => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
