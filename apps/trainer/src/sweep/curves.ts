import { mean } from 'simple-statistics';
import { readEvents } from '../run-events.js';
import { folderOf, type SweepOutcome } from './run-sweep.js';

/** How validation went while a candidate learnt, in its last round: mean over seeds. */
export interface Curve {
  readonly name: string;
  /** AUROC on validation after every epoch of phase 2; of phase 1 where only the head learns. */
  readonly auroc: readonly number[];
}

/** Read the learning curves out of the trials' own records. A trial without records has none. */
export async function readCurves({ candidates, rounds }: SweepOutcome, out: string): Promise<Curve[]> {
  const curves: Curve[] = [];
  for (const { index, name } of candidates) {
    const trials = [...rounds].reverse().find(({ ranked }) => ranked.some((one) => one.index === index))?.trials ?? [];
    const own = trials.filter(({ candidate, result }) => candidate.index === index && result !== null);
    const epochs = await Promise.all(own.map((trial) => readEpochs(folderOf(trial, out))));
    const shortest = Math.min(...epochs.map(({ length }) => length));
    if (epochs.length === 0 || shortest === 0) continue;
    const auroc = Array.from({ length: shortest }, (_, epoch) => mean(epochs.map((values) => values[epoch] ?? 0)));
    curves.push({ name, auroc });
  }
  return curves;
}

async function readEpochs(dir: string): Promise<number[]> {
  const epochs = (await readEvents(dir)).filter((event) => event.event === 'epoch');
  const tuned = epochs.filter(({ phase }) => phase === 'fine-tune');
  return (tuned.length > 0 ? tuned : epochs).flatMap(({ validation }) => validation?.auroc ?? []);
}
