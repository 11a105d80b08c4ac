/** The first ten of a list and how many there are: an error must fit a screen however bad the data is. */
export function listSome(items: readonly string[], limit = 10): string {
  const rest = items.length - limit;
  return rest > 0 ? `${items.slice(0, limit).join(', ')} and ${rest} more` : items.join(', ');
}
