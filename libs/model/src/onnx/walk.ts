import type { LayersModel, SymbolicTensor } from '@tensorflow/tfjs-layers';
import { InputError, InvariantError } from '#contracts';

/** Weights of a layer, copied out of the backend, row-major in TensorFlow's layout. */
export interface LayerWeights {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** One layer at work in the graph. Values are named by the layer that gives them. */
export interface Step {
  readonly layer: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, unknown>>;
  /** In the layer's own order, e.g. kernel, bias. */
  readonly weights: readonly LayerWeights[];
  readonly inputs: readonly string[];
  /** Shape of one picture's output, without the batch: [h, w, c] or [c]. */
  readonly shape: readonly number[];
}

/**
 * The layers that a model's outputs need, each after its inputs. Works for a model cut out of a larger one.
 * @throws InputError EXPORT_LAYER for nested models, layers used twice and free sizes: none of them can be exported
 */
export function walkGraph(model: LayersModel): Step[] {
  const steps = new Map<string, { step: Step; tensor: SymbolicTensor }>();
  // Depth is the number of layers in the longest chain, some hundreds: recursion is safe.
  const visit = (tensor: SymbolicTensor): void => {
    const { name } = tensor.sourceLayer;
    if (steps.get(name)?.tensor === tensor) return;
    for (const input of tensor.inputs) visit(input);
    if (steps.has(name)) throw refused(name, 'is used more than once, which shared weights would need');
    steps.set(name, { tensor, step: stepOf(tensor) });
  };
  for (const output of model.outputs) visit(output);
  return [...steps.values()].map(({ step }) => step);
}

function stepOf(tensor: SymbolicTensor): Step {
  const { sourceLayer: layer, inputs } = tensor;
  if ('layers' in layer) throw refused(layer.name, 'is a model inside the model: build one flat graph');
  return {
    layer: layer.name,
    kind: layer.getClassName(),
    config: layer.getConfig(),
    weights: layer.getWeights().map((weight) => ({ shape: weight.shape, data: floatsOf(weight.dataSync()) })),
    inputs: inputs.map((input) => input.sourceLayer.name),
    shape: tensor.shape.slice(1).map((side) => {
      if (side === null)
        throw refused(layer.name, `has a free size in [${tensor.shape.join(', ')}]: build it with sizes`);
      return side;
    }),
  };
}

function floatsOf(data: ArrayLike<number>): Float32Array {
  if (data instanceof Float32Array) return data.slice();
  throw new InvariantError('A layer holds weights that are not float32.');
}

/** A layer that cannot be written. */
export function refused(layer: string, why: string): InputError {
  return new InputError('EXPORT_LAYER', `Layer ${layer} ${why}; it cannot be exported to ONNX.`);
}
