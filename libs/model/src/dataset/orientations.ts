/** The eight ways to lay a square picture: turned by quarters, mirrored or not. */
export const ORIENTATIONS = [
  'as it is',
  'turned by 90',
  'turned by 180',
  'turned by 270',
  'mirrored',
  'mirrored and turned by 90',
  'mirrored and turned by 180',
  'mirrored and turned by 270',
] as const;
export type Orientation = (typeof ORIENTATIONS)[number];

/**
 * For each orientation where every cell of the laid grid comes from.
 * @param side of the square grid
 * @returns one table of side x side indices per orientation, in the order of {@link ORIENTATIONS}
 */
export function orientationTables(side: number): readonly Uint16Array[] {
  const last = side - 1;
  return ORIENTATIONS.map((_, orientation) => {
    const table = new Uint16Array(side * side);
    for (let y = 0; y < side; y += 1) {
      for (let x = 0; x < side; x += 1) {
        let [row, column] = [y, x];
        for (let quarter = 0; quarter < orientation % 4; quarter += 1) [row, column] = [last - column, row];
        table[y * side + x] = row * side + (orientation < 4 ? column : last - column);
      }
    }
    return table;
  });
}
