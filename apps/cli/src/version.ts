import { readFileSync } from 'node:fs';
import { z } from 'zod';

// Compiled files lie in dist/apps/cli/src.
const PACKAGE = new URL('../../../../package.json', import.meta.url);

/** The product's version, from package.json. */
export function readVersion(): string {
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(PACKAGE, 'utf8'))).version;
}
