import { InputError } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { findBackbone } from '../backbones/find.js';
import type { RawWeights } from './fold-weights.js';
import { openHdf5 } from './hdf5.js';
import { isZip, readKerasArchive } from './keras-archive.js';
import { countRescalingsH5, isKerasH5, listKerasH5, renameByOrder } from './keras-h5.js';
import { readKerasLayers } from './keras-layers.js';
import { countRescalings, isKerasWeightsH5, listKerasWeightsH5, namesInConfig } from './keras-weights-h5.js';
import {
  coverageOf,
  type KerasFormat,
  type LayoutName,
  layoutsOf,
  namingOf,
  ownerOf,
  type ProvenLayout,
} from './layouts.js';
import { normaliseOf, rescalingsByStatistics } from './normalise-efficientnet.js';
import { type PublishedFile, recognisePublished } from './published.js';
import { fromPyTorch } from './pytorch-layout.js';
import { isSafetensors, listSafetensors, readSafetensors } from './safetensors.js';

export interface CheckpointRequest {
  /** Name of the network the file is for. */
  readonly backbone: string;
  /** Library the file comes from, where the file itself leaves it open. */
  readonly variant?: string | undefined;
  /** Layers of the file that are no part of the network: a head of one's own. */
  readonly leaveOut?: readonly string[] | undefined;
}

/** A checkpoint file, read and not yet checked against its network: that is what `foldWeights` does. */
export interface Checkpoint {
  /** As the file's library builds it, with the normalisation that the file says. */
  readonly backbone: Backbone;
  readonly row: ProvenLayout;
  readonly raw: RawWeights;
  /** Layers that stay in the file, as it calls them: the library's classifier, and what is to be left out. */
  readonly left: readonly string[];
  /** The published file it is; null for any other. */
  readonly published: PublishedFile | null;
}

const HDF5_SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * Read a checkpoint: Keras' `.h5`, `.weights.h5` and `.keras`, safetensors by Keras', timm's, torchvision's and
 * EfficientNet-Lite's names. The content says what it is; where it does not, the request has to.
 * @throws InputError WEIGHTS_UNREADABLE, WEIGHTS_LAYOUT for names that are not proven for the network, WEIGHTS_VARIANT where
 *   several libraries write such a file, WEIGHTS_MISSING | WEIGHTS_UNUSED; WEIGHTS_NORMALISATION; BACKBONE_UNKNOWN |
 *   BACKBONE_VARIANT
 */
export async function readCheckpoint(bytes: Uint8Array, request: CheckpointRequest): Promise<Checkpoint> {
  findBackbone(request.backbone, request.variant);
  if (HDF5_SIGNATURE.every((byte, i) => bytes[i] === byte)) {
    return readKerasFile({ weights: bytes, config: null, published: recognisePublished(bytes) }, request);
  }
  if (isZip(bytes)) return readKerasFile({ ...readKerasArchive(bytes), published: null }, request);
  if (isSafetensors(bytes)) return readTensors(bytes, request);
  throw new InputError(
    'WEIGHTS_UNREADABLE',
    'The file is none of HDF5 (Keras .h5, .weights.h5), .keras and safetensors. Export the weights as one of these.',
  );
}

interface KerasFile {
  readonly weights: Uint8Array;
  /** The model's config, where the file is a `.keras`. */
  readonly config: unknown;
  readonly published: PublishedFile | null;
}

async function readKerasFile(
  { weights, config, published }: KerasFile,
  request: CheckpointRequest,
): Promise<Checkpoint> {
  const { backbone: network, variant = 'keras', leaveOut = [] } = request;
  const file = await openHdf5(weights);
  try {
    const { root } = file;
    const layout = formatOf(isKerasH5(root), isKerasWeightsH5(root), config !== null);
    const row = findProven(layout, network, variant);
    const backbone = findBackbone(network, variant);
    if (layout === 'keras-h5') {
      const listed = listKerasH5(root).filter(({ tensors }) => tensors.length > 0);
      const layers = published?.network === network ? renameByOrder(listed, backbone) : listed;
      const { raw, left } = await readKerasLayers(file, { layers, backbone, leaveOut });
      const rescalings = published?.rescalings ?? countRescalingsH5(root);
      return { backbone: withNormalise(backbone, raw, rescalings), row, raw, left, published };
    }
    const layers = listKerasWeightsH5(root, { backbone, named: namesInConfig(config) });
    const { raw, left } = await readKerasLayers(file, { layers, backbone, leaveOut });
    return { backbone: withNormalise(backbone, raw, countRescalings(root)), row, raw, left, published };
  } finally {
    await file.close();
  }
}

/** @throws InputError WEIGHTS_NORMALISATION when the file does not tell how often colours are scaled */
function withNormalise(backbone: Backbone, raw: RawWeights, listed: number | null): Backbone {
  const brings = backbone.layers.some(({ kind }) => kind === 'normalization');
  if (!brings) return backbone;
  const rescalings = listed ?? rescalingsByStatistics(raw);
  if (rescalings !== null) return { ...backbone, normalise: normaliseOf(raw, rescalings) };
  throw new InputError(
    'WEIGHTS_NORMALISATION',
    `The file lists neither the scalings of ${backbone.name}'s colours nor statistics that tell them. Save the whole model as .keras and import that.`,
  );
}

function readTensors(bytes: Uint8Array, request: CheckpointRequest): Checkpoint {
  const { backbone: network, leaveOut = [] } = request;
  const names = listSafetensors(bytes);
  const row = chooseLayout(names, request);
  const backbone = findBackbone(network, row.variant);
  const naming = namingOf(row.layout, backbone);
  const isLeft = (name: string) =>
    naming?.classifier.test(name) === true ||
    leaveOut.some((owner) => name.startsWith(`${owner}.`) || name.startsWith(`${owner}/`));
  const left = [...new Set(names.filter(isLeft).map(ownerOf))];
  const tensors = readSafetensors(bytes, (name) => !isLeft(name));
  if (naming === null) {
    // In Keras' names as documented there is one scaling, but for ImageNet's own statistics.
    const scaled = withNormalise(backbone, tensors, rescalingsByStatistics(tensors) ?? 1);
    return { backbone: scaled, row, raw: tensors, left, published: null };
  }
  return { backbone, row, raw: fromPyTorch(tensors, naming.table, backbone.layers), left, published: null };
}

/** The one proven layout that names the network's layers as the file does. */
function chooseLayout(names: readonly string[], { backbone, variant }: CheckpointRequest): ProvenLayout {
  const rows = layoutsOf(backbone, variant).filter(({ layout }) => layout.startsWith('safetensors-'));
  const covered = rows.map((row) => ({
    row,
    share: coverageOf(names, row.layout, findBackbone(backbone, row.variant)),
  }));
  const most = Math.max(0, ...covered.map(({ share }) => share));
  const [best, ...others] = covered.filter(({ share }) => share === most).map(({ row }) => row);
  if (best === undefined || most < 0.5) {
    const known = rows.map(({ layout, variant: of }) => `${layout} (${of})`).join(', ');
    throw new InputError(
      'WEIGHTS_LAYOUT',
      `The file calls its tensors ${names.slice(0, 3).join(', ')}, …: not as any layout of ${backbone} that is proven (${known}).`,
    );
  }
  if (others.length === 0 && (best.double === null || variant !== undefined)) return best;
  if (others.length === 0) {
    throw new InputError(
      'WEIGHTS_VARIANT',
      `Files of ${best.double}, which are not proven, look alike. If this one is of tf_${best.double}, say --variant ${best.variant}.`,
    );
  }
  const variants = [best, ...others].map((row) => row.variant).join(' and ');
  throw new InputError(
    'WEIGHTS_VARIANT',
    `Files of ${variants} look alike. Say with --variant which library this one comes from.`,
  );
}

function formatOf(isH5: boolean, isWeightsH5: boolean, isArchive: boolean): KerasFormat {
  if (isWeightsH5) return isArchive ? 'keras-archive' : 'keras-weights-h5';
  if (isH5) return 'keras-h5';
  throw new InputError(
    'WEIGHTS_UNREADABLE',
    'The HDF5 file is not from Keras: expected layer_names (.h5) or a group layers (.weights.h5). Have Keras save it.',
  );
}

function findProven(layout: LayoutName, network: string, variant: string): ProvenLayout {
  const row = layoutsOf(network, variant).find((known) => known.layout === layout);
  if (row !== undefined) return row;
  const known = layoutsOf(network).map((row) => `${row.layout} (${row.variant})`);
  throw new InputError(
    'WEIGHTS_LAYOUT',
    `A file of layout ${layout} is not proven for ${network} (${variant}). Proven: ${known.join(', ')}.`,
  );
}
