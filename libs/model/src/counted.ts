/** So many of a thing, as in `1 defect` and `2 defects`. @param many where more than an s makes it so, as in `copies` */
export function counted(count: number, word: string, many?: string): string {
  return `${count} ${wordFor(count, word, many)}`;
}

/** The word alone, where its number stands apart. */
export function wordFor(count: number, word: string, many = `${word}s`): string {
  return count === 1 ? word : many;
}
