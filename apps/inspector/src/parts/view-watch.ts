import type { Verdict, ViewPlace } from '#contracts';
import type { Alarms } from '../state/alarms.js';

/** So many in a row are no accident. */
const IN_A_ROW = 5;

/**
 * Watches whether parts get their views. Where they do not every part is rejected, though each camera by itself looks
 * well: its frames pass.
 */
export class ViewWatch {
  private incomplete = 0;
  private mixed = 0;
  /** Frames in a row that are of no part, by camera. */
  private readonly strays = new Map<string, number>();

  constructor(private readonly alarms: Pick<Alarms, 'raise' | 'clear'>) {}

  /** A frame of a camera that has views came. */
  seeFrame(camera: string, isOfPart: boolean): void {
    const strays = isOfPart ? 0 : (this.strays.get(camera) ?? 0) + 1;
    this.strays.set(camera, strays);
    if (isOfPart) this.alarms.clear('NO_PART', camera);
    else if (strays >= IN_A_ROW) {
      const message = `${IN_A_ROW} frames in a row name no part, or no view of this camera: the gate hears of no part then. Check their partId and view.`;
      this.alarms.raise('NO_PART', message, camera);
    }
  }

  /** A part is over. @param missing views that had no verdict */
  seePart(missing: readonly ViewPlace[]): void {
    this.incomplete = missing.length === 0 ? 0 : this.incomplete + 1;
    if (this.incomplete === 0) this.alarms.clear('MISSING_VIEW');
    if (this.incomplete < IN_A_ROW) return;
    const views = missing.map(({ view, camera }) => `${view} (${camera})`).join(', ');
    const message = `${IN_A_ROW} parts in a row lacked a view, the last ${views}. Check that camera, partId and view of its frames, and parts.windowMs.`;
    this.alarms.raise('MISSING_VIEW', message);
  }

  /** @param seen verdicts on the views of a part that is over. @param differ no product has all their recipes */
  seeRecipes(seen: readonly Pick<Verdict, 'camera' | 'recipe'>[], differ: boolean): void {
    this.mixed = differ ? this.mixed + 1 : 0;
    if (this.mixed === 0) this.alarms.clear('RECIPES_DIFFER');
    if (this.mixed < IN_A_ROW) return;
    const recipes = seen.map(({ camera, recipe }) => `${camera} by ${recipe}`).join(', ');
    const message = `${IN_A_ROW} parts in a row were judged by recipes of different products, the last ${recipes}. Change over the camera that is behind, or let all frames of a part name recipes of one product. Recipes that inspect one product together name it in the configuration (recipes, products).`;
    this.alarms.raise('RECIPES_DIFFER', message);
  }
}
