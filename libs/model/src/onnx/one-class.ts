import { FARTHEST } from '../one-class/layers.js';
import { one, type Site, vector, weight } from './site.js';

/** Squared distance to the nearest remembered patch: |z|^2 - max(2 z m - |m|^2), products as 1x1 convolutions. */
export function patchDistance(site: Site): string {
  const { step, graph } = site;
  const name = (part: string) => `${step.layer}/${part}`;
  const [whiten, memory] = [weight(site, 0), weight(site, 2)];
  const [patches = 0, c = 0] = memory.shape;
  // tfjs keeps [in, out], a convolution reads [out, in].
  const turned = Float32Array.from(whiten.data, (_, at) => whiten.data[(at % c) * c + Math.floor(at / c)] ?? 0);
  const norms = Float32Array.from({ length: patches }, (_, row) =>
    memory.data.subarray(row * c, (row + 1) * c).reduce((sum, value) => sum - value * value, 0),
  );
  const attributes = { kernel_shape: [1, 1] };
  const z = graph.node('Conv', {
    inputs: [one(site).name, graph.floats(name('whiten'), turned, [c, c, 1, 1]), vector(site, 1, 'shift')],
    output: name('z'),
    attributes,
  });
  const twice = graph.floats(
    name('memory'),
    memory.data.map((value) => 2 * value),
    [patches, c, 1, 1],
  );
  const likeness = graph.node('Conv', {
    inputs: [z, twice, graph.floats(name('norms'), norms, [patches])],
    output: name('likeness'),
    attributes,
  });
  const overChannels = { axes: [1], keepdims: 1 };
  const best = graph.node('ReduceMax', { inputs: [likeness], output: name('best'), attributes: overChannels });
  const length = graph.node('ReduceSumSquare', { inputs: [z], output: name('length'), attributes: overChannels });
  const distance = graph.node('Sub', { inputs: [length, best], output: name('distance') });
  const [low, high] = [0, FARTHEST].map((edge) => graph.floats(name(`${edge}`), Float32Array.of(edge), []));
  return graph.node('Clip', { inputs: [distance, low ?? '', high ?? ''], output: name('clip') });
}

/** [limit, s] / (s + limit) with s the mean of the distances' fourth powers. */
export function defectOdds(site: Site): string {
  const { step, graph } = site;
  const name = (part: string) => `${step.layer}/${part}`;
  const limit = vector(site, 0, 'limit');
  const input = one(site).name;
  const squares = graph.node('Mul', { inputs: [input, input], output: name('squares') });
  const fourths = graph.node('Mul', { inputs: [squares, squares], output: name('fourths') });
  const attributes = { axes: [2, 3], keepdims: 0 };
  const score = graph.node('ReduceMean', { inputs: [fourths], output: name('mean'), attributes });
  const whole = graph.node('Add', { inputs: [score, limit], output: name('sum') });
  const good = graph.node('Div', { inputs: [limit, whole], output: name('good') });
  const defect = graph.node('Div', { inputs: [score, whole], output: name('defect') });
  return graph.node('Concat', { inputs: [good, defect], output: name('odds'), attributes: { axis: 1 } });
}
