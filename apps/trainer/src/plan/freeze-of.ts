import type { Backbone } from '#model/backbones/backbone';
import { type Freeze, resolveFreeze } from '#model/backbones/freeze';
import { assertGroups } from '../fit/rates.js';
import type { Plan } from './plan.js';

/**
 * What a plan freezes of a network. Where only good pictures are learnt nothing is opened, and what the plan says of it is
 * for another mode.
 * @throws InputError PLAN_FREEZE; PLAN_RATES for a rate of a group that the network does not have or that does not learn
 */
export function freezeOf({ mode, fineTune }: Pick<Plan, 'mode' | 'fineTune'>, backbone: Backbone): Freeze {
  const isOneClass = mode === 'one-class';
  const freeze = resolveFreeze((isOneClass ? null : fineTune.freeze) ?? backbone.openFrom, backbone);
  // Without passes the head alone learns, whatever the rates of the rest are.
  if (!isOneClass && fineTune.epochs !== 0) assertGroups(fineTune.groupRates, { backbone, freeze });
  return freeze;
}
