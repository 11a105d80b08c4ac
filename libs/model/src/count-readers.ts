/** How many nodes of a graph read each value, by its name; one that nobody reads is not there. */
export function countReaders(nodes: readonly { readonly inputs: readonly string[] }[]): Map<string, number> {
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  return readers;
}
