import { InputError } from '#contracts';
import type { Backbone } from './backbone.js';
import { EFFICIENTNETS, LITES } from './efficientnet.js';
import { MOBILENETS } from './mobilenet-v2.js';
import { RESNETS } from './resnet.js';
import type { Network } from './variant.js';
import { VGGS } from './vgg.js';

/** Every network this product can train, the default's family first. */
export const BACKBONES: readonly Network[] = [...LITES, ...EFFICIENTNETS, ...MOBILENETS, ...RESNETS, ...VGGS];

/**
 * A network by its name, built as the given library builds it.
 * @param variant of {@link VARIANT_NAMES}; default the first that the network has
 * @throws InputError BACKBONE_UNKNOWN | BACKBONE_VARIANT listing what exists
 */
export function findBackbone(name: string, variant?: string): Backbone {
  const network = BACKBONES.find((known) => known.name === name);
  if (network !== undefined) return network.build(variant);
  const names = BACKBONES.map((known) => known.name).join(', ');
  throw new InputError('BACKBONE_UNKNOWN', `No network named ${name}. Known: ${names}.`);
}
