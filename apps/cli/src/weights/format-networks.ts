import { type BackboneFacts, describeBackbone } from '#model/backbones/describe';
import { BACKBONES } from '#model/backbones/find';
import type { StoredWeights } from '#model/weights/record';
import { formatTable } from '../print-table.js';

/** A network and the weights at hand for it. */
export interface NetworkRow extends BackboneFacts {
  /** Libraries whose construction of it is known; the first is described. */
  readonly variants: readonly string[];
  readonly weights: readonly Pick<StoredWeights, 'id' | 'variant' | 'licence' | 'origin' | 'sha256' | 'parameters'>[];
}

export function describeNetworks(stored: readonly StoredWeights[]): NetworkRow[] {
  return BACKBONES.map((network) => ({
    ...describeBackbone(network.build()),
    variants: network.variants,
    weights: stored
      .filter(({ backbone }) => backbone.name === network.name)
      .map(({ id, variant, licence, origin, sha256, parameters }) => ({
        id,
        variant,
        licence,
        origin,
        sha256,
        parameters,
      })),
  }));
}

/** The table of networks, and under it the weights with their licence and origin. */
export function formatNetworks(networks: readonly NetworkRow[]): string {
  const million = (count: number) => (count / 1e6).toFixed(2);
  const rows = networks.map(({ name, inputSize, parameters, macs, featureSize, licence, paper, weights }) => [
    name,
    `${inputSize}`,
    million(parameters),
    million(macs),
    `${featureSize}`,
    licence ?? 'not stated',
    paper,
    weights.map(({ id }) => id).join(', ') || '-',
  ]);
  const at = networks.flatMap(({ name, weights }) => weights.map((of) => ({ name, ...of })));
  const heads = ['NETWORK', 'INPUT', 'PARAMETERS (M)', 'MACS (M)', 'FEATURES', 'LICENCE', 'PAPER', 'WEIGHTS'];
  const files = at.map(({ id, name, variant, licence, sha256, origin }) => [
    id,
    name,
    variant,
    licence,
    sha256.slice(0, 12),
    origin,
  ]);
  return [
    formatTable(heads, rows),
    '',
    formatTable(['WEIGHTS', 'NETWORK', 'LIBRARY', 'LICENCE', 'SHA256', 'ORIGIN'], files),
    '',
    'LICENCE in the upper table is that of the weights which Keras Applications or TensorFlow publish.',
    '',
  ].join('\n');
}
