import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { classPaths, makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { readDataset } from './dataset.js';
import { fingerprint } from './fingerprint.js';
import { verifyPictures } from './pictures.js';
import { type Dataset } from './sample.js';

const OPTIONS = { maxPixels: 100_000 };

async function makeDataset(texts: Readonly<Record<string, string>> = {}): Promise<Dataset> {
  return readDataset({ dir: await makeDataDir(classPaths({ good: 12, defect: 12 }), texts) });
}

describe('verifying pictures', () => {
  it('hashes every file and reports its progress', async () => {
    const seen: number[] = [];
    const { samples } = await verifyPictures(await makeDataset(), {
      ...OPTIONS,
      onProgress: (done) => seen.push(done),
    });
    for (const { file, sha256 } of samples) {
      assert.equal(sha256, createHash('sha256').update(readFileSync(file)).digest('hex'));
    }
    assert.deepEqual(
      seen,
      Array.from({ length: 24 }, (_, i) => i + 1),
    );
  });

  it('lists every file that is no readable picture at once: IMAGE_UNREADABLE', async () => {
    const dataset = await makeDataset({
      'good/empty.jpg': '',
      'good/notes.txt': 'a note',
      'defect/fake.png': 'not a png',
    });
    const noisy = (width: number) => {
      const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
      return sharp({ create: { width, height: 64, channels: 3, background: 'black', noise } });
    };
    const cut = join(dataset.dir, 'good/000.png');
    writeFileSync(cut, await noisy(64).jpeg().toBuffer());
    truncateSync(cut, 1_500);
    writeFileSync(join(dataset.dir, 'good/001.png'), await noisy(4096).png().toBuffer());
    const told = [
      /^5 of 27 files in \S+ are not readable pictures: defect\/fake\.png, good\/notes\.txt \(neither JPEG nor PNG\); /,
      /good\/000\.png \(pixels cut short or damaged\); good\/001\.png \(4096x64 = 262144 pixels, more than 100000\); /,
      /good\/empty\.jpg \(an empty file\)\. Replace them, .* make those of too many pixels smaller, or take them out\.$/,
    ];
    await assert.rejects(verifyPictures(dataset, OPTIONS), {
      name: 'InputError',
      code: 'IMAGE_UNREADABLE',
      message: new RegExp(told.map(({ source }) => source).join('')),
    });
  });

  it('says what to do with pictures of other formats: IMAGE_UNREADABLE', async () => {
    const dataset = await makeDataset();
    const tiff = sharp({ create: { width: 20, height: 12, channels: 3, background: 'red' } }).tiff();
    writeFileSync(join(dataset.dir, 'good/003.png'), await tiff.toBuffer());
    await assert.rejects(verifyPictures(dataset, OPTIONS), { code: 'IMAGE_UNREADABLE', message: /TIFF.* as PNG/ });
  });

  it('lists every picture that does not have the size the plan asks for: IMAGE_SIZE', async () => {
    const dataset = await makeDataset();
    const other = sharp({ create: { width: 20, height: 12, channels: 3, background: 'red' } });
    for (const path of ['good/003.png', 'defect/002.png'])
      writeFileSync(join(dataset.dir, path), await other.png().toBuffer());
    for (const [asked, message] of [
      [
        { frame: { width: 16, height: 16 } },
        /^2 of 24 .*: defect\/002\.png, good\/003\.png \(expected 16x16, got 20x12\)\. /,
      ],
      [
        { roi: { x: 8, y: 8, width: 8, height: 8 } },
        /^2 of 24 .*region of interest 8x8 at 8,8 does not fit into 20x12/,
      ],
    ] as const) {
      await assert.rejects(verifyPictures(dataset, { ...OPTIONS, ...asked }), {
        name: 'InputError',
        code: 'IMAGE_SIZE',
        message,
      });
    }
  });

  it('names the first ten broken files and how many there are', async () => {
    const texts = Object.fromEntries(classPaths({ bad: 14 }).map((path) => [path, 'x']));
    const verified = verifyPictures(await makeDataset(texts), OPTIONS);
    await assert.rejects(verified, {
      code: 'IMAGE_UNREADABLE',
      message: /^14 of 38 .*bad\/009\.png and 4 more \(neither JPEG nor PNG\)\. /,
    });
  });
});

describe('fingerprint', () => {
  it('depends on pictures, labels and split, not on the order or the place of the files', async () => {
    const { samples } = await verifyPictures(await makeDataset(), OPTIONS);
    const elsewhere = await verifyPictures(await makeDataset(), OPTIONS);
    const same = fingerprint(samples);
    assert.match(same, /^[0-9a-f]{64}$/);
    assert.equal(fingerprint([...elsewhere.samples].reverse()), same);
    const [first, ...rest] = samples;
    assert.ok(first !== undefined);
    for (const change of [
      { label: 'crack' },
      { split: 'test' as const },
      { sha256: 'f'.repeat(64) },
      { path: 'good/x.png' },
    ]) {
      assert.notEqual(fingerprint([{ ...first, ...change }, ...rest]), same);
    }
  });
});
