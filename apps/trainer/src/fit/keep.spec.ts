import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { GroupedSample } from '#model/metrics-interval';
import { EpochKeeper, type KeepRule, type Kept } from './keep.js';

type Stopping = KeepRule['stopping'];

const rule = (keep: KeepRule['keep'], own: Partial<Stopping> = {}): KeepRule => ({
  keep,
  offersStart: true,
  stopping: { metric: 'auroc', patience: null, tolerance: 0.02, certain: true, ...own },
});

/** Of a phase that begins with a head nobody trained. */
const fresh = (...args: Parameters<typeof rule>): KeepRule => ({ ...rule(...args), offersStart: false });

/** As many good pictures as defects, in so many parts. */
interface Sample {
  readonly defects: number;
  readonly parts: number;
}
const MANY: Sample = { defects: 200, parts: 400 };

/** What is ranked with this AUROC: the first defects lie below every good picture, the others above. */
function ranked(auroc: number, { defects, parts }: Sample): GroupedSample[] {
  const lost = Math.round((1 - auroc) * defects);
  return Array.from({ length: 2 * defects }, (_, i) => ({
    isDefect: i < defects,
    score: i < lost ? 0 : i < defects ? 1 : 0.5,
    group: `part ${Math.floor((i * parts) / (2 * defects))}`,
  }));
}

/** Epochs with these figures for every metric, the first before training; the phase ends when the keeper says so. */
function keepOf(rule: KeepRule, figures: readonly number[], sample = MANY): { epoch: number; ran: number } {
  const epochs = figures.map((figure, epoch): Kept => {
    return {
      epoch,
      weights: new Float32Array(),
      validation: { loss: figure, auroc: figure, averagePrecision: figure },
      judged: ranked(figure, sample),
    };
  });
  const [start, ...rest] = epochs;
  assert.ok(start !== undefined);
  const keeper = new EpochKeeper(rule, { best: start, last: start });
  let ran = 0;
  for (const epoch of rest) {
    if (keeper.isOver) break;
    keeper.offer(epoch);
    ran = epoch.epoch;
  }
  return { epoch: keeper.kept.epoch, ran };
}

describe('EpochKeeper', () => {
  const cases: [string, KeepRule, number[], { epoch: number; ran: number }][] = [
    ['keeps the last epoch though it wobbles', rule('last'), [0.5, 0.93, 0.92], { epoch: 2, ran: 2 }],
    ['takes the best when the last one forgot', rule('last'), [0.5, 0.93, 0.9], { epoch: 1, ran: 2 }],
    ['takes what the phase began with when all forgot', rule('last'), [0.9, 0.6, 0.7], { epoch: 0, ran: 2 }],
    ['keeps the best', rule('best'), [0.5, 0.93, 0.92], { epoch: 1, ran: 2 }],
    ['keeps the earlier of two alike', rule('best'), [0.5, 0.93, 0.93], { epoch: 1, ran: 2 }],
    ['takes a low loss for better', rule('best', { metric: 'loss' }), [0.5, 0.2, 0.3], { epoch: 1, ran: 2 }],
    ['forgets by the loss', rule('last', { metric: 'loss' }), [0.5, 0.2, 0.3], { epoch: 1, ran: 2 }],
    ['ends when patience is used up', rule('best', { patience: 2 }), [0.5, 0.9, 0.8, 0.7, 0.99], { epoch: 1, ran: 3 }],
    ['is patient anew after a gain', rule('best', { patience: 2 }), [0.5, 0.4, 0.6, 0.5, 0.7], { epoch: 4, ran: 4 }],
    ['never takes an untrained head for the best', fresh('best'), [0.9, 0.6, 0.7], { epoch: 2, ran: 2 }],
    ['nor when all that came later forgot', fresh('last'), [0.9, 0.7, 0.6], { epoch: 1, ran: 2 }],
    [
      'counts patience from the first epoch',
      fresh('best', { patience: 2 }),
      [0.9, 0.6, 0.5, 0.4],
      { epoch: 1, ran: 3 },
    ],
  ];
  for (const [name, of, figures, expected] of cases) {
    it(name, () => assert.deepEqual(keepOf(of, figures), expected));
  }

  it('takes the best only where validation can tell the last one from it', () => {
    const few = { defects: 10, parts: 20 };
    assert.equal(keepOf(rule('last'), [0.9, 0.7, 0.7], few).epoch, 2);
    assert.equal(keepOf(rule('last'), [0.9, 0.7, 0.1], few).epoch, 0);
    assert.equal(keepOf(rule('last'), [0.9, 0.7, 0.7]).epoch, 0);
    for (const own of [{ metric: 'averagePrecision' }, { certain: false }] as const)
      assert.equal(keepOf(rule('last', own), [0.9, 0.7, 0.7], few).epoch, 0);
  });

  it('counts parts, not pictures: many windows of one part have one word', () => {
    assert.equal(keepOf(rule('last'), [0.9, 0.7, 0.7], { ...MANY, parts: 8 }).epoch, 2);
  });
});
