import { DependencyError, InputError, messageOf } from '#contracts';
import type { Backbone } from '#model/backbones/backbone';
import { demandsOf } from '#model/backbones/demand';
import { findBackbone } from '#model/backbones/find';
import { chooseBackend } from '#model/backend/choose';
import { EMBEDDING_LAYER } from '#model/head';
import { buildBase, PICTURE_INPUT } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { foldWeights } from '#model/weights/fold-weights';
import { formulaTensor } from '#model/weights/formula';
import { findWeights, loadWeights } from '#model/weights/store';
import { fillModel, type WeightMap } from '#model/weights/weight-map';
import { writeWhole } from '../../../trainer/src/write-whole.js';

export interface ExportBaseRequest {
  readonly backbone: string;
  /** The `.onnx` file. */
  readonly onnx: string;
  /** Id in the store; without it the weights come from the formula. */
  readonly weights?: string | undefined;
  readonly variant?: string | undefined;
  /** Side of the square input, pixels; default the network's own. */
  readonly size?: number | undefined;
  /** Centre of the norms' gamma in the formula. */
  readonly gain?: number | undefined;
  /** The weights store. */
  readonly dir: string;
}

/** A network with its weights, and words for where they come from. */
interface Filled {
  readonly backbone: Backbone;
  readonly weights: WeightMap;
  readonly origin: string;
  readonly licence: string;
}

/**
 * Write a network without a head as ONNX, with its normalisation inside. The file's metadata says what it is.
 * @returns what was written, for a person
 * @throws InputError USAGE | WEIGHTS_* | BACKBONE_*, DependencyError EXPORT_FAILED
 */
export async function exportBase(request: ExportBaseRequest): Promise<string> {
  const { backbone, weights, origin, licence } = await fill(request);
  const { name, variant, featureMap, normalise, paper } = backbone;
  const side = request.size ?? backbone.inputSize;
  if (!Number.isInteger(side) || side > MAX_SIDE)
    throw new InputError('USAGE', `--size ${side}: expected a whole number of pixels, ${MAX_SIDE} at most.`);
  await chooseBackend('wasm');
  const base = buildBase(backbone, { height: side, width: side });
  fillModel(base, weights);
  const graph = exportOnnx({
    model: base,
    normalise,
    inputName: PICTURE_INPUT,
    outputs: [featureMap, EMBEDDING_LAYER].map((layer) => ({ name: layer, layer })),
    metadata: { network: name, variant, weights: origin, licence, paper, input: 'uint8 NHWC RGB, normalised inside' },
  });
  base.dispose();
  try {
    await writeWhole(request.onnx, graph);
  } catch (cause) {
    throw new DependencyError(
      'EXPORT_FAILED',
      `${request.onnx} cannot be written: ${messageOf(cause)}. Check its folder and the free disk space.`,
      { cause },
    );
  }
  return `${request.onnx}: ${name} (${variant}) at ${side}x${side}; ${PICTURE_INPUT} uint8 [n, ${side}, ${side}, 3] RGB in, ${featureMap} and ${EMBEDDING_LAYER} out; weights ${origin}.`;
}

const MAX_SIDE = 4_096;

async function fill({ backbone: name, weights: id, variant, gain = 1, dir }: ExportBaseRequest): Promise<Filled> {
  if (id === undefined) {
    const backbone = findBackbone(name, variant);
    const raw = new Map(demandsOf(backbone.layers).map((of) => [of.name, formulaTensor(of.name, of.shape, gain)]));
    const origin = `by the formula of test/proof/formula.py, gain ${gain}: nothing was learned`;
    return { backbone, weights: foldWeights(backbone, raw), origin, licence: 'none' };
  }
  const stored = await findWeights(id, dir);
  const { backbone, licence, sha256 } = stored;
  if (backbone.name !== name || (variant !== undefined && variant !== backbone.variant)) {
    throw new InputError(
      'USAGE',
      `Weights ${id} are of ${backbone.name} (${backbone.variant}), not of ${name}${variant === undefined ? '' : ` (${variant})`}.`,
    );
  }
  return { backbone, weights: await loadWeights(stored), origin: `${id}, ${stored.origin}, sha256 ${sha256}`, licence };
}
