import { createRequire } from 'node:module';

/**
 * Give `util` back what Node 23 removed and the kernels of tfjs-node 4.22 call; Node 22 only warns about it.
 * The module object is what `require('util')` hands out, so this reaches packages that are loaded afterwards.
 */
export function restoreUtil(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined;
  util['isArray'] = Array.isArray;
}
