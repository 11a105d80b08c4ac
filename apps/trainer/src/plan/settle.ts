import type { Plan } from './plan.js';

/** A plan whose passes are known. */
export type SettledPlan = Plan & { readonly fineTune: { readonly epochs: number } };

/** Steps after which fine-tuning has little more to learn from few pictures (docs/plan.md). */
const ENOUGH_STEPS = 120;
const FEWEST_EPOCHS = 5;
const MOST_EPOCHS = 12;
/** Tiles of a good picture that a network learns from (docs/small-defects.md). */
export const HARDEST_TILES = 4;

/**
 * Say how often fine-tuning passes over the pictures where the plan leaves that open: few pictures make few steps, so
 * they pass more often.
 * @param pictures training pictures
 */
export function settle(plan: Plan, pictures: number): SettledPlan {
  const { augment, tiles, batch, fineTune } = plan;
  const perPicture = Math.min(tiles.columns * tiles.rows, HARDEST_TILES);
  const views = pictures * perPicture * (augment.copies ?? augment.views.length);
  const enough = Math.ceil(ENOUGH_STEPS / Math.ceil(views / batch));
  const epochs = fineTune.epochs ?? Math.min(MOST_EPOCHS, Math.max(FEWEST_EPOCHS, enough));
  return { ...plan, fineTune: { ...fineTune, epochs } };
}
