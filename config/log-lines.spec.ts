import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { tempDir } from '../test/factories/tools.js';
import { LogLines } from './log-lines.js';

function open(file: string, flags: number): number {
  const fd = openSync(file, flags);
  after(() => closeSync(fd));
  return fd;
}

/** A pipe that says EAGAIN when it is full. */
function makePipe(): { reader: number; writer: number } {
  const file = join(tempDir(), 'pipe');
  execFileSync('mkfifo', [file]);
  const reader = open(file, constants.O_RDONLY | constants.O_NONBLOCK);
  return { reader, writer: open(file, constants.O_WRONLY | constants.O_NONBLOCK) };
}

describe('the lines of a log', () => {
  it('are counted where the disk is full, and nothing is thrown', () => {
    let told = 0;
    const lines = new LogLines(
      () => {
        told += 1;
      },
      open('/dev/full', constants.O_WRONLY),
    );
    lines.write('{"a":1}\n');
    lines.write('{"a":2}\n');
    assert.deepEqual([lines.lost, told], [2, 2]);
  });

  it('that a full pipe has no room for are dropped; what comes out is whole lines', () => {
    const { reader, writer } = makePipe();
    const lines = new LogLines(() => undefined, writer);
    const line = (i: number): string => `${JSON.stringify({ i, text: 'x'.repeat(10_000) })}\n`;
    const read = (): string => {
      const bytes = Buffer.alloc(1 << 20);
      return bytes.subarray(0, readSync(reader, bytes)).toString();
    };
    let sent = 0;
    while (lines.lost < 2) lines.write(line(sent++));
    let heard = read();
    lines.write(line(sent++));
    heard += read();
    const numbers = heard
      .trimEnd()
      .split('\n')
      .map((text) => (JSON.parse(text) as { i: number }).i);
    assert.equal(numbers.length, sent - lines.lost);
    assert.equal(numbers.at(-1), sent - 1);
  });
});
