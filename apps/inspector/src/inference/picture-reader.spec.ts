import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, it } from 'node:test';
import { PictureReader } from './picture-reader.js';

describe('pictures out of a pipe', () => {
  it('gives each whole and in turn, however the pipe cuts them', async () => {
    const pipe = new PassThrough();
    const reader = new PictureReader(pipe);
    const asked = [reader.read(5), reader.read(0), reader.read(3)];
    pipe.write('ab');
    pipe.write('cdefg');
    pipe.write('hij');
    const words = (await Promise.all(asked)).map((bytes) => Buffer.from(bytes).toString());
    assert.deepEqual(words, ['abcde', '', 'fgh']);
    assert.equal(Buffer.from(await reader.read(2)).toString(), 'ij', 'what came early is there when it is asked for');
  });

  it('takes pictures larger than the pipe holds', async () => {
    const pipe = new PassThrough({ highWaterMark: 16 });
    const reader = new PictureReader(pipe);
    const picture = Buffer.alloc(100_000, 7);
    const asked = reader.read(picture.byteLength);
    for (let from = 0; from < picture.byteLength; from += 1_000) pipe.write(picture.subarray(from, from + 1_000));
    assert.ok(picture.equals(await asked));
  });
});
