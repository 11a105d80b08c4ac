import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { TrainEvent } from '#contracts';
import { formatEvent } from './show-events.js';

const ts = '2026-01-01T00:00:00.000Z';

describe('what a person reads of a run', () => {
  const cases: [TrainEvent, string | null][] = [
    [{ event: 'step', step: 'dataset', text: '60 pictures', ts }, 'dataset    60 pictures'],
    [
      {
        event: 'epoch',
        phase: 'fine-tune',
        epoch: 2,
        epochs: 6,
        loss: 0.25,
        validation: { loss: 0.5, auroc: 0.99, averagePrecision: 0.9 },
        ts,
      },
      'fine-tune  epoch 2/6: loss 0.2500; validation loss 0.5000, AUROC 0.9900',
    ],
    [
      { event: 'epoch', phase: 'features', epoch: 1, epochs: 6, loss: 0.25, validation: null, ts },
      'features   epoch 1/6: loss 0.2500',
    ],
    [{ event: 'done', modelId: 'm1', out: '/runs/1', ts }, 'done       m1, files in /runs/1'],
    [{ event: 'done', modelId: null, out: '/runs/1', ts }, 'done       no registry, files in /runs/1'],
    [{ event: 'failed', code: 'TOO_FEW', message: 'said by the command itself', ts }, null],
    [{ event: 'progress', step: 'features', done: 1, total: 2, etaSeconds: 3, ts }, null],
  ];
  for (const [event, text] of cases) {
    it(`${event.event}: ${text ?? 'no line of its own'}`, () => assert.equal(formatEvent(event), text));
  }
});
