import type { LayersModel } from '@tensorflow/tfjs-layers';
import { InputError } from '#contracts';
import type { Normalise } from '../card.js';
import { foldPads } from './fold-pads.js';
import { OPERATORS, toPictureOrder } from './operators.js';
import { ELEMENT, type GraphHeader, OnnxGraph, type Port } from './proto.js';
import type { Value } from './site.js';
import { refused, type Step, walkGraph } from './walk.js';

export interface ExportOptions {
  /** A flat layer graph with one input [null, h, w, 3] of normalised pictures; whole or cut out of a larger model. */
  readonly model: LayersModel;
  /** What the model's input was normalised with: (rgb - mean) / std, rgb in 0..255, per channel. It goes into the graph. */
  readonly normalise: Normalise;
  /** Values the graph gives: the named layer's output, under this name. Feature maps come out as [n, h, w, c]. */
  readonly outputs: readonly { readonly name: string; readonly layer: string }[];
  readonly inputName: string;
  /** Layers computed in float32 whatever the precision; default none. */
  readonly exact?: readonly string[];
  /** Free words kept in the file, e.g. the model's id. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** Name of the free batch dimension. */
const BATCH = 'n';

/** A graph in memory, to be written as it is (fp32) or turned into another precision first. */
export interface NetworkGraph {
  readonly graph: OnnxGraph;
  readonly header: GraphHeader;
  /** Value that holds the normalised picture: everything up to it is preparation, everything after it network. */
  readonly picture: string;
  /** Values of pictures [h, w, c] and vectors [c], by name; pictures lie in the graph as [n, c, h, w]. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** Values that every precision computes in float32. */
  readonly exact: ReadonlySet<string>;
}

/**
 * Write a layer graph as ONNX in fp32, as {@link buildGraph} gives it.
 * @returns the bytes of a `.onnx` file
 * @throws InputError as `buildGraph`
 */
export function exportOnnx(options: ExportOptions): Uint8Array {
  const { graph, header } = buildGraph(options);
  return graph.write(header);
}

/**
 * Turn a layer graph into an ONNX graph: uint8 [n, h, w, 3] RGB in, normalisation inside, dynamic batch, float32 outputs.
 * Zero paddings are folded into convolutions where nothing else reads them; norms were folded when the weights were read.
 * Equal weights give equal graphs. Reads the weights at once: where the backend reads later, choose another one and build
 * the model there.
 * @throws InputError EXPORT_LAYER for a layer or setting without an ONNX form here, EXPORT_INPUT when the model does
 *   not read one picture, EXPORT_OUTPUT when an output's layer is not in the model or a name is taken twice
 */
export function buildGraph(options: ExportOptions): NetworkGraph {
  const { model, outputs, inputName } = options;
  const all = walkGraph(model);
  assertOutputs(options, all);
  const kept = new Set(outputs.map(({ layer }) => layer));
  const steps = foldPads(all, kept);
  const graph = new OnnxGraph();
  const picture = pictureInput(options, steps);
  const values = new Map<string, Value>([[picture.layer, normalised(graph, options, picture)]]);
  const shapes = new Map<string, readonly number[]>();
  const exact = new Set<string>();
  const note = (from: number, shape: readonly number[]) => {
    for (const { output } of graph.nodes.slice(from)) shapes.set(output, shape);
  };
  note(0, picture.shape);
  for (const step of steps) {
    if (step === picture) continue;
    const before = graph.nodes.length;
    values.set(step.layer, writeStep(graph, step, values));
    note(before, step.shape);
    if (options.exact?.includes(step.layer)) for (const { output } of graph.nodes.slice(before)) exact.add(output);
  }
  const ports = outputs.map(({ name, layer }): Port => {
    const value = writtenBy(values, layer);
    const ordered = toPictureOrder(graph, value, name);
    if (ordered !== name) graph.node('Identity', { inputs: [ordered], output: name });
    return { name, element: ELEMENT.float32, shape: [BATCH, ...value.shape] };
  });
  const header = {
    name: model.name,
    input: { name: inputName, element: ELEMENT.uint8, shape: [BATCH, ...picture.shape] },
    outputs: ports,
    metadata: options.metadata ?? {},
  };
  return { graph, header, picture: writtenBy(values, picture.layer).name, shapes, exact };
}

function writeStep(graph: OnnxGraph, step: Step, values: ReadonlyMap<string, Value>): Value {
  const operator = OPERATORS[step.kind];
  if (operator === undefined) {
    throw refused(step.layer, `is a ${step.kind}, expected one of ${Object.keys(OPERATORS).join(', ')}`);
  }
  const inputs = step.inputs.map((layer) => writtenBy(values, layer));
  const written = operator({ step, inputs, graph });
  return { ...(typeof written === 'string' ? { name: written } : written), shape: step.shape };
}

/** uint8 NHWC -> normalised float NCHW; turned before the cast, while a pixel is one byte. */
function normalised(graph: OnnxGraph, { inputName, normalise }: ExportOptions, picture: Step): Value {
  const name = (part: string) => `${picture.layer}/${part}`;
  const turned = graph.node('Transpose', {
    inputs: [inputName],
    output: name('nchw'),
    attributes: { perm: [0, 3, 1, 2] },
  });
  const cast = graph.node('Cast', { inputs: [turned], output: name('cast'), attributes: { to: ELEMENT.float32 } });
  // One row of the picture, because a broadcast over three numbers at a time is slow where a runtime turns to NHWC.
  const width = picture.shape[1] ?? 0;
  const row = (values: readonly number[]) =>
    Float32Array.from({ length: 3 * width }, (_, i) => values[Math.floor(i / width)] ?? 0);
  const mean = graph.floats(name('mean'), row(normalise.mean), [1, 3, 1, width]);
  const std = graph.floats(name('std'), row(normalise.std), [1, 3, 1, width]);
  const centred = graph.node('Sub', { inputs: [cast, mean], output: name('sub') });
  return { name: graph.node('Div', { inputs: [centred, std], output: name('div') }), shape: picture.shape };
}

function pictureInput({ model }: ExportOptions, steps: readonly Step[]): Step {
  const [input, ...others] = steps.filter(({ kind }) => kind === 'InputLayer');
  if (input?.shape.length === 3 && input.shape[2] === 3 && others.length === 0) return input;
  const found = model.inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`);
  throw new InputError(
    'EXPORT_INPUT',
    `Model ${model.name} cannot be exported: expected one picture input [null, h, w, 3], got ${found.join('; ')}.`,
  );
}

function assertOutputs({ model, outputs, inputName }: ExportOptions, steps: readonly Step[]): void {
  const layers = new Set(steps.map(({ layer }) => layer));
  const names = new Set([inputName]);
  for (const { name, layer } of outputs) {
    if (!layers.has(layer)) {
      throw new InputError(
        'EXPORT_OUTPUT',
        `Output ${name}: model ${model.name} has no layer ${layer} on the way to its outputs.`,
      );
    }
    if (names.has(name))
      throw new InputError('EXPORT_OUTPUT', `Name ${name} is taken twice; inputs and outputs need their own.`);
    names.add(name);
  }
  if (outputs.length === 0) throw new InputError('EXPORT_OUTPUT', `Model ${model.name}: name at least one output.`);
}

function writtenBy(values: ReadonlyMap<string, Value>, layer: string): Value {
  const value = values.get(layer);
  if (value === undefined) throw refused(layer, 'is read before it is written');
  return value;
}
