import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { InputError } from '#contracts';
import { tempDir } from '../../../test/factories/tools.js';
import { copyDurably, discard, storageError, writeOnce } from './durable.js';

const systemError = (code: string) => Object.assign(new Error(`${code}: disk says no`), { code });

describe('writeOnce', () => {
  it('writes a file that is not there and never changes one that is', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'scratch'));
    const file = join(dir, 'file');
    assert.equal(await writeOnce(file, 'first', join(dir, 'scratch')), true);
    assert.equal(await writeOnce(file, 'second', join(dir, 'scratch')), false);
    assert.equal(readFileSync(file, 'utf8'), 'first');
    assert.deepEqual(readdirSync(join(dir, 'scratch')), []);
  });
});

describe('a write that the system refuses', () => {
  it('leaves no unfinished file', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'scratch'));
    await assert.rejects(writeOnce(join(dir, 'nowhere/file'), 'text', join(dir, 'scratch')), { code: 'ENOENT' });
    assert.deepEqual(readdirSync(join(dir, 'scratch')), []);
  });
});

describe('copyDurably', () => {
  it('copies files in their folders', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'from/deep'), { recursive: true });
    writeFileSync(join(dir, 'from/deep/a'), 'a');
    await copyDurably(['deep/a'], join(dir, 'from'), join(dir, 'to'));
    assert.equal(readFileSync(join(dir, 'to/deep/a'), 'utf8'), 'a');
  });
});

describe('discard', () => {
  it('removes a folder with all it holds, and is content when there is none', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'x/y'), { recursive: true });
    assert.equal(await discard(join(dir, 'x')), true);
    assert.equal(await discard(join(dir, 'x')), true);
    assert.deepEqual(readdirSync(dir), []);
  });
});

describe('storageError', () => {
  it('names a full disk or quota DISK_FULL, other refusals of the system REGISTRY_STORAGE', () => {
    for (const [system, code] of [
      ['ENOSPC', 'DISK_FULL'],
      ['EDQUOT', 'DISK_FULL'],
      ['EROFS', 'REGISTRY_STORAGE'],
      ['EACCES', 'REGISTRY_STORAGE'],
    ] as const) {
      const error = storageError(systemError(system), 'storing model m1');
      assert.ok(error instanceof Error && 'code' in error);
      assert.deepEqual([error.name, error.code], ['DependencyError', code]);
      assert.match(error.message, /storing model m1 failed .*Nothing was changed/);
    }
  });

  it('passes our own errors and bugs unchanged', () => {
    for (const error of [new InputError('MODEL_HASH', 'changed'), new TypeError('bug')]) {
      assert.equal(storageError(error, 'storing'), error);
    }
  });
});
