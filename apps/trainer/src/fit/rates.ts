import { InputError } from '#contracts';
import type { Backbone } from '#model/backbones/backbone';
import { type Freeze, openBlocks } from '#model/backbones/freeze';
import { STEM } from '#model/backbones/layer';
import type { Parameter } from '#model/train/parameters';

/** Peak step sizes of a phase. */
export interface Rates {
  readonly head: number;
  /** Of the open blocks and the top convolution, where `groups` names none. */
  readonly base: number;
  /** Each block learns at this share of the rate of the block behind it (ULMFiT, Howard & Ruder 2018); 1 = all alike. */
  readonly layerDecay: number;
  /** Rates of single groups: `head`, `top` or a block's name. */
  readonly groups: Readonly<Record<string, number>>;
}

/** Groups that may have a rate of their own, from the first block to the head. */
function groupsOf(backbone: Backbone): string[] {
  return [...new Set(backbone.folded.map(({ block }) => block))].filter((name) => name !== STEM).concat('head');
}

/** @throws InputError PLAN_RATES for a group that the network does not have, or that is frozen */
export function assertGroups(
  groups: Rates['groups'],
  { backbone, freeze }: { readonly backbone: Backbone; readonly freeze: Freeze },
): void {
  const known = groupsOf(backbone);
  const open = [...openBlocks(freeze, backbone), 'head'];
  const unknown = Object.keys(groups).filter((name) => !known.includes(name));
  const frozen = Object.keys(groups).filter((name) => known.includes(name) && !open.includes(name));
  if (unknown.length > 0) throw refuse(`${unknown.join(', ')}, which ${backbone.name} does not have`, known);
  if (frozen.length > 0) throw refuse(`${frozen.join(', ')}, which fineTune.freeze keeps from learning`, open);
}

function refuse(what: string, expected: readonly string[]): InputError {
  return new InputError('PLAN_RATES', `fineTune.groupRates names ${what}. Expected some of ${expected.join(', ')}.`);
}

/** Peak step size of each parameter. */
export function ratesOf(parameters: readonly Parameter[], rates: Rates, backbone: Backbone): number[] {
  const blocks = new Map(backbone.folded.map(({ name, block }) => [name, block]));
  // The head comes last and has its own rate; what lies before it is one step away, and so on.
  const fromBehind = groupsOf(backbone).slice(0, -1).reverse();
  return parameters.map(({ name, group }) => {
    if (group === 'head') return rates.groups['head'] ?? rates.head;
    const block = blocks.get(name.slice(0, name.lastIndexOf('/'))) ?? '';
    return rates.groups[block] ?? rates.base * rates.layerDecay ** Math.max(0, fromBehind.indexOf(block));
  });
}
