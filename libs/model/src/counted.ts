/** So many of a thing, as in `1 defect` and `2 defects`. @param word of one; an s makes it many */
export function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
