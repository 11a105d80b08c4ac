import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { describe, it } from 'node:test';

const PARTS = ['./score-pictures.js', '#model/runtime/golden-check'].map((part) => import.meta.resolve(part));
const LIST = `Promise.all(${JSON.stringify(PARTS)}.map((part) => import(part))).then(() => console.log(Object.keys(require.cache).join('\\n')))`;

/** CommonJS packages that a fresh process has loaded once it has a worker's parts. */
function listPackages(): Set<string> {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['-e', LIST], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const names = [...stdout.matchAll(/.*node_modules\/(@[^/]+|[^/]+)/gm)].map(([, name = '']) => name);
  return new Set(names);
}

describe('what an inference worker loads', () => {
  it('is decoder and runtime, nothing that only training or another process needs', () => {
    const packages = listPackages();
    assert.ok(packages.has('sharp') && packages.has('onnxruntime-node'), [...packages].join(', '));
    const strange = ['@stdlib', '@tensorflow', '@nestjs', 'typeorm', 'mqtt'].filter((name) => packages.has(name));
    assert.deepEqual(strange, []);
  });
});
