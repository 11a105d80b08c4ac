import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ELEMENT, OnnxGraph } from '../onnx/proto.js';
import { addsProductsExactly, PROBE, PROBE_GRAPH } from './exact-products.js';

const { channels, side, filters, expected } = PROBE;

function writeProbe(): Uint8Array {
  const graph = new OnnxGraph();
  const one = graph.floats('one', Float32Array.of(1), []);
  const step = graph.floats('step', Float32Array.of((channels * 255 * 127) / expected), []);
  const zero = graph.constant('zero', { element: ELEMENT.uint8, dims: [], values: Uint8Array.of(0) });
  const middle = graph.constant('middle', { element: ELEMENT.int8, dims: [], values: Int8Array.of(0) });
  const weights = graph.constant('weights', {
    element: ELEMENT.int8,
    dims: [filters, channels, 1, 1],
    values: new Int8Array(filters * channels).fill(127),
  });
  graph.node('QLinearConv', { inputs: ['x', one, zero, weights, one, middle, step, zero], output: 'y' });
  return graph.write({
    name: 'products',
    input: { name: 'x', element: ELEMENT.uint8, shape: [1, channels, side, side] },
    outputs: [{ name: 'y', element: ELEMENT.uint8, shape: [1, filters, side, side] }],
    metadata: {},
  });
}

describe('the question whether int8 products are exact', () => {
  it('is asked with the graph that is written here', () => {
    assert.equal(PROBE_GRAPH, Buffer.from(writeProbe()).toString('base64'));
  });

  it('is answered once in a process', async () => {
    assert.equal(addsProductsExactly(), addsProductsExactly());
    assert.equal(typeof (await addsProductsExactly()), 'boolean');
  });
});
