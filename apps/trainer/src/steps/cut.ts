import { InputError } from '#contracts';
import type { Backbone } from '#model/backbones/backbone';

/**
 * A plan's cut as a number of the backbone's blocks.
 * @throws InputError PLAN_CUT when there is no such block
 */
export function resolveCut(cut: number | string, { name, blocks }: Backbone): number {
  const index = typeof cut === 'number' ? cut : blocks.indexOf(cut);
  if (index >= 0 && index <= blocks.length) return index;
  throw new InputError(
    'PLAN_CUT',
    `fineTune.cut ${cut} is no block of ${name}: expected 0 to ${blocks.length} (only the top convolution open) or one of ${blocks.join(', ')}.`,
  );
}
