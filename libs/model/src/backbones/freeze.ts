import { InputError } from '#contracts';
import { type Backbone, layersBehind } from './backbone.js';
import { demandsOf } from './demand.js';
import { isConvolution, STEM, TOP } from './layer.js';

/** How much of a network a plan freezes: the first so many layers of Keras' list, or all before the named block. */
export type FreezeDepth = number | string;

/** A freeze depth, worked out for one network. */
export interface Freeze {
  /** First block with an open layer; everything before it runs once and is cached. `embedding`: only the head learns. */
  readonly cut: number | 'embedding';
  /** Folded layers behind the cut that stay frozen: the depth lies inside a block. */
  readonly frozen: readonly string[];
  /** Layers of Keras' list that are frozen, and how many there are. */
  readonly layers: number;
  readonly ofLayers: number;
  /** The first convolution that learns; null when none does. */
  readonly firstOpen: string | null;
  /** Kernels and biases that learn, those of the head left out. */
  readonly parameters: number;
}

/**
 * Where a network is frozen. Counts follow the layer list of Keras Applications, input layer included. A norm stays
 * frozen whatever the depth and belongs to the convolution before it; so does the stem, which knows edges and colours.
 * @throws InputError PLAN_FREEZE for a count beyond the list or a block that does not exist
 */
export function resolveFreeze(depth: FreezeDepth, backbone: Backbone): Freeze {
  const { layers, blocks } = backbone;
  const count = typeof depth === 'number' ? depth : layers.findIndex(({ block }) => block === depth);
  if (count < 0 || count > layers.length || depth === STEM) throw refuse(depth, backbone);
  const open = layers.slice(count).filter((layer) => isConvolution(layer) && layer.block !== STEM);
  const [first] = open;
  const ofLayers = layers.length;
  if (first === undefined)
    return { cut: 'embedding', frozen: [], layers: count, ofLayers, firstOpen: null, parameters: 0 };
  const cut = first.block === TOP ? blocks.length : blocks.indexOf(first.block);
  const learns = new Set(open.map(({ name }) => name));
  const frozen = layersBehind(backbone, cut).filter((layer) => isConvolution(layer) && !learns.has(layer.name));
  return {
    cut,
    frozen: frozen.map(({ name }) => name),
    layers: count,
    ofLayers,
    firstOpen: first.name,
    parameters: countOpen(backbone, learns),
  };
}

/** Blocks, and the top, of which a layer learns; from the first to the last. */
export function openBlocks({ cut, frozen }: Freeze, backbone: Backbone): string[] {
  if (cut === 'embedding') return [];
  const open = layersBehind(backbone, cut).filter((layer) => isConvolution(layer) && !frozen.includes(layer.name));
  return [...new Set(open.map(({ block }) => block))];
}

function countOpen({ folded }: Backbone, learns: ReadonlySet<string>): number {
  return demandsOf(folded)
    .filter(({ name }) => learns.has(name.slice(0, name.lastIndexOf('/'))))
    .reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

function refuse(depth: FreezeDepth, { name, layers }: Backbone): InputError {
  const blocks = [...new Set(layers.map(({ block }) => block))].filter((block) => block !== STEM);
  return new InputError(
    'PLAN_FREEZE',
    `fineTune.freeze ${JSON.stringify(depth)} does not fit ${name}: expected 0 to ${layers.length} layers as a number, or one of the blocks ${blocks.join(', ')}.`,
  );
}
