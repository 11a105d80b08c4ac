import { ELEMENT, OnnxGraph } from '../onnx/proto.js';

/** A graph that any device computes and that takes pictures: it tells whether a provider works at all. */
export function smallestGraph(): Uint8Array {
  const graph = new OnnxGraph();
  graph.node('Cast', { inputs: ['pictures'], output: 'floats', attributes: { to: ELEMENT.float32 } });
  return graph.write({
    name: 'smallest',
    input: { name: 'pictures', element: ELEMENT.uint8, shape: ['n', 2, 2, 3] },
    outputs: [{ name: 'floats', element: ELEMENT.float32, shape: ['n', 2, 2, 3] }],
    metadata: {},
  });
}
