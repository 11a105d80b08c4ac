import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const INTEGRATION = join(ROOT, 'test', 'integration');

interface Row {
  readonly promise: number;
  /** As written: `inspector-road`, `promises/01-…` or a path. */
  readonly specs: readonly string[];
}

/** The table of docs/promises.md. */
function readRows(): Row[] {
  const lines = readFileSync(join(ROOT, 'docs', 'promises.md'), 'utf8').split('\n');
  return lines.flatMap((line) => {
    const [, promise, , , proven = ''] = line.split('|').map((cell) => cell.trim());
    if (!/^\d+$/.test(promise ?? '')) return [];
    return [{ promise: Number(promise), specs: [...proven.matchAll(/`([^`]+)`/g)].flatMap(([, name]) => name ?? []) }];
  });
}

/** The specs that a name in the table stands for. */
function findSpecs(name: string): string[] {
  if (name.endsWith('/')) return readdirSync(join(ROOT, name)).map((file) => join(ROOT, name, file));
  if (name.includes('.spec.ts')) return [join(ROOT, name)].filter((file) => existsSync(file));
  if (!name.startsWith('promises/')) return [join(INTEGRATION, `${name}.spec.ts`)].filter((file) => existsSync(file));
  const folder = join(INTEGRATION, 'promises');
  const begin = name.slice('promises/'.length, -1);
  return readdirSync(folder)
    .filter((file) => file.startsWith(begin))
    .map((file) => join(folder, file));
}

describe('the promises of the line', () => {
  const rows = readRows();

  it('are thirteen, each listed once', () => {
    assert.deepEqual(
      rows.map(({ promise }) => promise),
      Array.from({ length: 13 }, (_, i) => i + 1),
    );
  });

  for (const { promise, specs } of rows) {
    it(`promise ${promise} has a test that names it, in a spec that is there`, () => {
      const files = specs.flatMap((name) => {
        const found = findSpecs(name);
        assert.ok(found.length > 0, `docs/promises.md: no spec ${name}`);
        return found;
      });
      // `promise 4: …`, or `promises 8, 11 and 12: …` where one line of parts shows several.
      const isNamed = new RegExp(`['"\`]promises?\\b[^:'"\`]*\\b${promise}\\b[^:]*:`);
      assert.ok(
        files.some((file) => isNamed.test(readFileSync(file, 'utf8'))),
        `no test in ${specs.join(', ')} is named promise ${promise}`,
      );
    });
  }
});
