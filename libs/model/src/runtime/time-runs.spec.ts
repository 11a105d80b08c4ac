import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { holdClock } from '../../../../test/factories/held-clock.js';
import { greyBatch, timeInTurn, timeRuns } from './time-runs.js';

const clock = holdClock();

describe('timeInTurn', () => {
  it('runs each contender once per round, warm-up rounds apart, and gives their medians in order', async () => {
    const said: string[] = [];
    const contenders = ['slow', 'fast'].map((name) => async () => {
      said.push(name);
      clock.pass(name === 'slow' ? 5 : 1);
    });
    const times = await timeInTurn(contenders, { warmUp: 1, rounds: 3 });
    assert.deepEqual(said, Array(4).fill(['slow', 'fast']).flat());
    assert.deepEqual(times, [5, 1]);
  });

  it('makes one round however short its time is, and fails with a contender', async () => {
    const runs: string[] = [];
    const one = await timeInTurn([async () => runs.push('run')], { warmUp: 0, rounds: 100, budgetMs: 0 });
    assert.deepEqual([runs.length, one.length], [1, 1]);
    const failing = timeInTurn([() => Promise.reject(new Error('broken'))], { warmUp: 0, rounds: 1 });
    await assert.rejects(failing, { message: 'broken' });
  });

  it('gives milliseconds per picture of a session', async () => {
    const batches: number[] = [];
    const session = {
      runtime: 'test',
      outputs: [],
      run: async ({ data, count }: ReturnType<typeof greyBatch>) => {
        batches.push(data.byteLength / count);
        clock.pass(8);
        return {};
      },
      close: async () => undefined,
    };
    const rounds = { width: 4, height: 2, count: 4, warmUp: 0, rounds: 1 };
    assert.equal(await timeRuns(session, rounds), 2);
    assert.equal(await timeRuns(session, { ...rounds, tiles: 12 }), 24, 'a picture in tiles takes as often as long');
    assert.deepEqual(batches, [24, 24]);
    assert.equal(greyBatch({ width: 1, height: 1, count: 1 }).data[0], 128);
  });
});
