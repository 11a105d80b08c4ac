import type { AtThreshold } from '#contracts';

/** `3 of 97`: defects that passed, of all; a dash where nothing was judged. */
export function formatMissed(at: AtThreshold | undefined): string {
  return at === undefined ? '-' : `${at.fn} of ${at.tp + at.fn}`;
}

/** `16 of 237`: good parts rejected, of all; a dash where nothing was judged. */
export function formatOverkill(at: AtThreshold | undefined): string {
  return at === undefined ? '-' : `${at.fp} of ${at.fp + at.tn}`;
}
