import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ELEMENT, OnnxGraph } from '../onnx/proto.js';
import { OnnxSession } from './onnx-session.js';
import { ThreadedSession } from './threaded-session.js';

const SIDE = 4;
const VALUES = SIDE * SIDE * 3;

/** A graph that adds to every value of its pictures how many were computed at once. */
function sizeGraph(): Uint8Array {
  const graph = new OnnxGraph();
  graph.node('Cast', { inputs: ['pictures'], output: 'values', attributes: { to: ELEMENT.float32 } });
  graph.node('Size', { inputs: ['pictures'], output: 'size' });
  graph.node('Cast', { inputs: ['size'], output: 'count', attributes: { to: ELEMENT.float32 } });
  graph.node('Add', { inputs: ['values', 'count'], output: 'float' });
  const shape = ['n', SIDE, SIDE, 3];
  return graph.write({
    name: 'size',
    input: { name: 'pictures', element: ELEMENT.uint8, shape },
    outputs: [{ name: 'float', element: ELEMENT.float32, shape }],
    metadata: {},
  });
}

describe('a large batch on the CPU', () => {
  for (const Session of [OnnxSession, ThreadedSession]) {
    it(`goes through ${Session.name} in parts that stay in the cache, and is answered whole`, async () => {
      const session = await Session.open(sizeGraph());
      const count = 70;
      const data = Uint8Array.from({ length: count * VALUES }, (_, at) => Math.floor(at / VALUES));
      const { float } = await session.run({ data, count, height: SIDE, width: SIDE });
      assert.deepEqual(float?.dims, [count, SIDE, SIDE, 3]);
      // Every value comes with the size of the part that it was computed in: seventeen of 4 rows, one of 2.
      const expected = Float32Array.from(data, (level) => level + VALUES * (level < 68 ? 4 : 2));
      assert.deepEqual(float?.data, expected);
      await session.close();
    });
  }
});
