/** The first ten of a list and how many there are: an error must fit a screen however bad the data is. */
export function listSome(items: readonly string[], limit = 10): string {
  const rest = items.length - limit;
  return rest > 0 ? `${items.slice(0, limit).join(', ')} and ${rest} more` : items.join(', ');
}

/** A file that is not taken, and why in a few words. */
export interface Found {
  readonly path: string;
  readonly reason: string;
}

/** Files and what is the matter with them, each reason once: that of most files first, then by path. */
export function listFound(items: readonly Found[], limit = 10): string {
  const paths = new Map<string, string[]>();
  for (const { path, reason } of [...items].sort((a, b) => (a.path < b.path ? -1 : 1)))
    paths.set(reason, [...(paths.get(reason) ?? []), path]);
  const told = [...paths].sort(([, a], [, b]) => b.length - a.length).slice(0, limit);
  const untold = paths.size - told.length;
  const each = Math.floor(limit / told.length);
  return [
    ...told.map(([reason, having]) => `${listSome(having, each)} (${reason})`),
    ...(untold > 0 ? [`others for ${untold} more reasons`] : []),
  ].join('; ');
}
