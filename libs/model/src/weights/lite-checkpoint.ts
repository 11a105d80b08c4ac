import { InputError } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { foldOihw } from './fold.js';
import type { StoredTensor } from './safetensors.js';
import type { WeightMap } from './weight-map.js';

/** EfficientNet-Lite batch norms, as in the TensorFlow checkpoint. */
const EPSILON = 1e-3;

/**
 * Names of a PyTorch EfficientNet-Lite checkpoint -> our layers, batch norms folded on the way.
 * @throws InputError WEIGHTS_MISSING for a layer the file does not fill, WEIGHTS_UNUSED for a tensor no layer takes
 */
export function readLiteCheckpoint(tensors: ReadonlyMap<string, StoredTensor>, backbone: Backbone): WeightMap {
  const left = new Map(tensors);
  const weights = new Map<string, StoredTensor>();
  const take = (name: string): StoredTensor => {
    const tensor = left.get(name);
    if (tensor === undefined) {
      throw new InputError(
        'WEIGHTS_MISSING',
        `Checkpoint has no tensor ${name}: expected the weights of ${backbone.name}.`,
      );
    }
    left.delete(name);
    return tensor;
  };
  const fold = ({ layer, conv, norm }: Place) => {
    const isDepthwise = layer.endsWith('_dwconv');
    const batchNorm = {
      gamma: take(`${norm}.weight`),
      beta: take(`${norm}.bias`),
      mean: take(`${norm}.running_mean`),
      variance: take(`${norm}.running_var`),
      epsilon: EPSILON,
    };
    const folded = foldOihw(take(`${conv}.weight`), batchNorm, isDepthwise);
    weights.set(`${layer}/${isDepthwise ? 'depthwise_kernel' : 'kernel'}`, folded.kernel);
    weights.set(`${layer}/bias`, folded.bias);
  };
  for (const place of placesOf(backbone, tensors)) fold(place);
  const [unused] = left.keys();
  if (unused !== undefined) {
    throw new InputError(
      'WEIGHTS_UNUSED',
      `Checkpoint tensor ${unused} fits no layer of ${backbone.name} (${left.size} unused).`,
    );
  }
  return weights;
}

interface Place {
  readonly layer: string;
  readonly conv: string;
  readonly norm: string;
}

function* placesOf(backbone: Backbone, tensors: ReadonlyMap<string, StoredTensor>): Generator<Place> {
  yield { layer: 'stem_conv', conv: '_conv_stem', norm: '_bn0' };
  for (const [i, block] of backbone.blocks.entries()) {
    const at = `_blocks.${i}`;
    if (tensors.has(`${at}._expand_conv.weight`)) {
      yield { layer: `${block}_expand_conv`, conv: `${at}._expand_conv`, norm: `${at}._bn0` };
    }
    yield { layer: `${block}_dwconv`, conv: `${at}._depthwise_conv`, norm: `${at}._bn1` };
    yield { layer: `${block}_project_conv`, conv: `${at}._project_conv`, norm: `${at}._bn2` };
  }
  yield { layer: 'top_conv', conv: '_conv_head', norm: '_bn1' };
}
