import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { TrainEvent } from '#contracts';
import { TrainLog } from './train-log.js';

describe('what a training run says', () => {
  it('tells every sink the same, in the wire format', () => {
    const heard: TrainEvent[][] = [[], []];
    const log = new TrainLog(
      heard.map((list) => (event) => list.push(event)),
      () => 0,
    );
    log.step('dataset', '24 pictures');
    log.epoch({
      phase: 'fine-tune',
      epoch: 1,
      epochs: 2,
      loss: 0.5,
      validation: { loss: 0.4, auroc: 0.9, averagePrecision: 0.9 },
    });
    log.doubt('data', 'few defects');
    log.done({ modelId: 'm1', out: '/runs/1' });
    log.failed({ code: 'TOO_FEW', message: 'too few' });
    assert.deepEqual(heard[0], heard[1]);
    assert.deepEqual(
      heard[0]?.map((event) => TrainEvent.parse(event)),
      heard[0],
    );
    assert.ok(heard[0]?.some((said) => said.event === 'step' && said.step === 'doubt' && said.text === 'few defects'));
    assert.deepEqual(log.doubts, [{ about: 'data', words: 'few defects' }]);
    assert.equal(heard[0]?.[0]?.ts, '1970-01-01T00:00:00.000Z');
  });

  it('says progress at most every 250 ms, always the last, and estimates the time left per step', () => {
    let nowMs = 10_000;
    const said: [string, number, number | null][] = [];
    const log = new TrainLog([(e) => e.event === 'progress' && said.push([e.step, e.done, e.etaSeconds])], () => nowMs);
    for (let done = 0; done <= 100; done += 1, nowMs += 100) log.progress({ step: 'a', done, total: 100 });
    log.progress({ step: 'b', done: 0, total: 4 });
    assert.deepEqual(said.slice(0, 3), [
      ['a', 0, null],
      ['a', 3, 10],
      ['a', 6, 9],
    ]);
    assert.deepEqual(said.slice(-2), [
      ['a', 100, 0],
      ['b', 0, null],
    ]);
    assert.ok(said.length < 40);
  });
});
