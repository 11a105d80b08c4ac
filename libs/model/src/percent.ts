/** A share as a person writes it, three digits: 0.005 is `0.5 %`. Less than all is never `100 %`: 0.9999 is `99.99 %`. */
export function percent(share: number): string {
  const told = Number((share * 100).toPrecision(3));
  return `${told === 100 && share < 1 ? fromAll(share) : told} %`;
}

/** Percent of a share next to 1, by the three digits of what is lacking. */
function fromAll(share: number): number {
  return Number((100 - Number(((1 - share) * 100).toPrecision(3))).toPrecision(15));
}

/** The same, never less than the share itself: for a limit that is promised. */
export function percentUp(share: number): string {
  return percent(roundUp(share));
}

/** To three digits, upwards. */
export function roundUp(share: number): number {
  if (share <= 0) return 0;
  const step = 10 ** (Math.floor(Math.log10(share)) - 2);
  // 0.0488 / 0.0001 is 488.00000000000006 and must not become 489.
  return Math.min(1, Number((Math.ceil(share / step - 1e-9) * step).toPrecision(3)));
}
