/** At most so many of them, evenly spread. */
export function everySoMany<T>(items: readonly T[], most: number): T[] {
  const step = Math.max(1, items.length / most);
  return items.filter((_, i) => Math.floor(i / step) > Math.floor((i - 1) / step));
}
