import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { describe, it } from 'node:test';
import { tempDir } from '../../../test/factories/tools.js';
import { FolderLock } from './folder-lock.js';

const TAKE = `const { FolderLock } = await import(${JSON.stringify(import.meta.resolve('./folder-lock.js'))});`;

describe('the lock of a folder', () => {
  it('is one owner’s at a time, and makes the folder', () => {
    const dir = join(tempDir(), 'not', 'yet');
    const first = FolderLock.take(dir);
    assert.ok(first !== null);
    assert.equal(FolderLock.take(dir), null);
    first.release();
    const next = FolderLock.take(dir);
    assert.ok(next !== null);
    next.release();
  });

  it('ends with the process that has it, however that ends', async () => {
    const dir = tempDir();
    const work = `const lock = FolderLock.take(${JSON.stringify(dir)}); console.log(lock !== null); process.stdin.resume();`;
    const owner = spawn(process.execPath, ['--input-type=module', '-e', TAKE + work], { stdio: 'pipe' });
    assert.equal(String((await once(owner.stdout, 'data'))[0]).trim(), 'true');
    assert.equal(FolderLock.take(dir), null);
    owner.kill('SIGKILL');
    await once(owner, 'exit');
    const lock = FolderLock.take(dir);
    assert.ok(lock !== null);
    lock.release();
  });

  it('is no lock where the folder cannot be made: the reason is thrown', () => {
    const file = join(tempDir(), 'a-file');
    writeFileSync(file, '');
    assert.throws(() => FolderLock.take(join(file, 'data')), { code: 'ENOTDIR' });
  });
});
