/** Keeps a memory bounded: of more entries than `most` the one that was put in first goes. Called after every new one. */
export function dropOldest<Key>(memory: Set<Key> | Map<Key, unknown>, most: number): void {
  if (memory.size <= most) return;
  for (const oldest of memory.keys()) {
    memory.delete(oldest);
    return;
  }
}
