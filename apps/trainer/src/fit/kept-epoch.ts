import type { TrainEvent } from '#contracts';
import type { KeepRule } from './keep.js';

/** Which epoch of a phase was kept, and why. */
export type KeptEpoch = Pick<Extract<TrainEvent, { event: 'kept' }>, 'epoch' | 'ran' | 'by' | 'isAveraged'>;

/** What a phase that ended hands on. @param rule its plan; a last epoch gives way to the best where it has forgotten */
export function keptOf(
  { epoch, ran }: Pick<KeptEpoch, 'epoch' | 'ran'>,
  { keep, stopping, averaging }: Pick<KeepRule, 'keep' | 'stopping'> & { readonly averaging: number },
): KeptEpoch {
  const isBest = keep === 'best' || epoch < ran;
  return { epoch, ran, by: isBest ? stopping.metric : 'last', isAveraged: averaging > 0 };
}

const FIGURES: Readonly<Record<Exclude<KeptEpoch['by'], 'last'>, string>> = {
  loss: 'loss',
  auroc: 'AUROC',
  averagePrecision: 'average precision',
};

/** The same in words, as `epoch 6 of 12, the best by AUROC on validation`. */
export function describeKept({ epoch, ran, by, isAveraged }: KeptEpoch): string {
  const averaged = isAveraged ? ', weights averaged over the steps' : '';
  if (by === 'last') return `epoch ${epoch} of ${ran}, the last${averaged}`;
  const figure = `by ${FIGURES[by]} on validation`;
  return epoch === 0
    ? `what it began with, as none of ${ran} epochs is better ${figure}`
    : `epoch ${epoch} of ${ran}, the best ${figure}${averaged}`;
}
