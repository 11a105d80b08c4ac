import type { Subset } from './sample.js';

const SIDES: ReadonlyMap<string, Subset> = new Map([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
  ['test', 'test'],
]);

/** The side that a column or a folder names, as people write it; null for any other word. */
export function sideNamed(word: string): Subset | null {
  return SIDES.get(word.toLowerCase()) ?? null;
}
