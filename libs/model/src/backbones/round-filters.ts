/** To the nearest multiple of 8, never more than 10 % below: how scaled networks keep their channels even. */
export function roundFilters(filters: number): number {
  const rounded = Math.max(8, Math.floor((filters + 4) / 8) * 8);
  return rounded < 0.9 * filters ? rounded + 8 : rounded;
}
