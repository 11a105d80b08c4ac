import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  readSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { tempDir } from '../../../test/factories/tools.js';
import { writeWhole } from './write-whole.js';

describe('writeWhole', () => {
  it('makes the folders above the file', async () => {
    const file = join(tempDir(), 'not', 'yet', 'report.json');
    await writeWhole(file, 'all');
    assert.equal(readFileSync(file, 'utf8'), 'all');
  });

  it('leaves a pipe or device what it is and writes into it', async () => {
    const dir = tempDir();
    const pipe = join(dir, 'pipe');
    execFileSync('mkfifo', [pipe]);
    // Both ends in one hand: neither opening nor reading waits for anybody.
    const end = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    after(() => closeSync(end));
    await writeWhole(pipe, 'all');
    assert.ok(statSync(pipe).isFIFO());
    const heard = Buffer.alloc(9);
    assert.equal(heard.toString('utf8', 0, readSync(end, heard)), 'all');
    assert.deepEqual(readdirSync(dir), ['pipe']);
  });

  it('names the file that a full disk has no room for', { skip: !existsSync('/dev/full') }, async () => {
    const full = { name: 'DependencyError', code: 'DISK_FULL', message: /No room for \/dev\/full/ };
    await assert.rejects(writeWhole('/dev/full', 'all'), full);
  });

  it('leaves a link what it is and writes the file that it leads to', async () => {
    const dir = tempDir();
    const [file, link] = [join(dir, 'report.json'), join(dir, 'latest.json')];
    writeFileSync(file, 'old');
    symlinkSync(file, link);
    await writeWhole(link, 'all');
    assert.deepEqual([readlinkSync(link), readFileSync(file, 'utf8')], [file, 'all']);
    assert.deepEqual(readdirSync(dir).sort(), ['latest.json', 'report.json']);
  });

  it('lets several write one file at once: it is whole as one of them had it', async () => {
    const dir = tempDir();
    const file = join(dir, 'report.json');
    const texts = Array.from({ length: 8 }, (_, i) => `${i}`.repeat(100_000 * (i + 1)));
    await Promise.all(texts.map((text) => writeWhole(file, text)));
    assert.ok(texts.includes(readFileSync(file, 'utf8')));
    assert.deepEqual(readdirSync(dir), ['report.json']);
  });

  it('leaves nothing half-written where it fails', async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'taken'));
    await assert.rejects(writeWhole(join(dir, 'taken'), 'all'), { code: 'EISDIR' });
    assert.deepEqual(readdirSync(dir), ['taken']);
  });
});
