import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ELEMENT, OnnxGraph } from '../onnx/proto.js';
import { ThreadedSession } from './threaded-session.js';

const SIDE = 4;
const VALUES = SIDE * SIDE * 3;

/** A graph that only casts its input, so that every value is known. */
function castGraph(): Uint8Array {
  const graph = new OnnxGraph();
  graph.node('Cast', { inputs: ['pictures'], output: 'float', attributes: { to: ELEMENT.float32 } });
  const shape = ['n', SIDE, SIDE, 3];
  const outputs = [{ name: 'float', element: ELEMENT.float32, shape }];
  return graph.write({
    name: 'cast',
    input: { name: 'pictures', element: ELEMENT.uint8, shape },
    outputs,
    metadata: {},
  });
}

const batchOf = (level: number, count = 1) => ({
  data: new Uint8Array(count * VALUES).fill(level),
  count,
  height: SIDE,
  width: SIDE,
});

describe('ThreadedSession', () => {
  it('answers each of many batches with its own values, and leaves the pictures as they were', async () => {
    const session = await ThreadedSession.open(castGraph());
    const batches = Array.from({ length: 20 }, (_, i) => batchOf(i, 1 + (i % 3)));
    const answers = await Promise.all(batches.map((batch) => session.run(batch)));
    for (const [i, { float }] of answers.entries()) {
      assert.deepEqual(float?.dims, [1 + (i % 3), SIDE, SIDE, 3]);
      assert.ok(float?.data.every((value) => value === i));
    }
    assert.ok(batches.every(({ data }, i) => data.length > 0 && data.every((level) => level === i)));
    await session.close();
  });

  it('takes a part of something larger for what it is', async () => {
    const session = await ThreadedSession.open(castGraph());
    const larger = new Uint8Array(3 * VALUES).fill(9);
    larger.fill(5, VALUES, 2 * VALUES);
    const { float } = await session.run({ ...batchOf(0), data: larger.subarray(VALUES, 2 * VALUES) });
    assert.ok(float?.data.every((value) => value === 5));
    await session.close();
  });

  it('refuses what a single session refuses, by the same code, and leaves no thread behind', async () => {
    await assert.rejects(ThreadedSession.open(Buffer.from('not a graph')), {
      name: 'InputError',
      code: 'MODEL_UNREADABLE',
    });
    await assert.rejects(ThreadedSession.open(castGraph(), { outputs: ['embedding'] }), {
      name: 'InputError',
      code: 'MODEL_OUTPUT',
    });
  });

  it('says so when a run fails, and goes on', async () => {
    const session = await ThreadedSession.open(castGraph());
    const wrong = { data: new Uint8Array(5 * 5 * 3), count: 1, height: 5, width: 5 };
    await assert.rejects(session.run(wrong), { name: 'InvariantError', message: /Inference failed/ });
    assert.equal((await session.run(batchOf(3))).float?.data[0], 3);
    await session.close();
    await assert.rejects(session.run(batchOf(3)), { name: 'InvariantError', message: /ended/ });
  });
});
