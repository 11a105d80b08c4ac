import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Counters } from '../../apps/inspector/src/health/counters.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

/** All specs of the inspector, unit and integration, as one text. */
function readSpecs(): string {
  const folders = ['apps/inspector/src', 'test/integration'].map((folder) => join(ROOT, folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  );
  return files
    .filter((file) => file.endsWith('.spec.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
}

describe('every counter of the inspector', () => {
  it('is read by some test: a failure that nobody sees is none', async () => {
    const specs = readSpecs();
    const names = [...(await new Counters().print()).matchAll(/^# TYPE lineside_(\w+)_total counter$/gm)];
    assert.ok(names.length > 30);
    const unread = names.flatMap(([, name]) =>
      new RegExp(`['.]${name}\\b|\\b${name}_total\\b`).test(specs) ? [] : [name],
    );
    assert.deepEqual(unread, []);
  });
});
