import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { chooseBackend } from '#model/backend/choose';
import { readDataset } from '#model/dataset/dataset';
import { verifyPictures } from '#model/dataset/pictures';
import type { Sample } from '#model/dataset/sample';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { loadWeights } from '#model/weights/store';
import { makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { FeatureReader } from '../fit/feature-reader.js';
import { Plan } from '../plan/plan.js';
import { preprocessOf } from '../plan/preprocess-of.js';
import { TrainLog } from '../train-log.js';
import { computeFeatures } from './features.js';

const known = LITE0_WEIGHTS;

/** Grey ground, a bright bar at the top, a dark disc at the left: no two ways up look alike. */
function scene(width = 96, height = 96): Sharp {
  const svg = `<svg width="${width}" height="${height}" viewBox="0 0 96 96" preserveAspectRatio="none"><rect width="96" height="96" fill="#777"/><rect y="6" width="96" height="14" fill="#e8e8e8"/><circle cx="26" cy="60" r="17" fill="#1c1c1c"/></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha();
}
const bytesOf = (picture: Sharp) => picture.png().toBuffer();

/** Files a plant may well have, each showing the scene. */
const ODD: Record<string, () => Promise<Buffer>> = {
  '16-bit PNG': async () =>
    sharp(await bytesOf(scene().toColourspace('rgb16')))
      .png()
      .toBuffer(),
  'grey JPEG': () => scene().greyscale().jpeg({ quality: 95 }).toBuffer(),
  'CMYK JPEG': () => scene().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
  'PNG with an alpha channel': () => scene().ensureAlpha(1).png().toBuffer(),
  'JPEG turned by EXIF': async () => {
    const turned = await bytesOf(scene().rotate(90));
    return sharp(turned).jpeg({ quality: 95 }).withMetadata({ orientation: 8 }).toBuffer();
  },
  'larger, wider PNG': () => scene(230, 130).png().toBuffer(),
};

/** Cosine between embeddings: above, they show the same; the scene upside down stays below. */
const SAME = 0.95;

describe('training pictures of an odd kind', () => {
  const likeness = new Map<string, number>();

  before(async () => {
    await chooseBackend('wasm');
    const made = Object.entries({ ...ODD, 'upside down': () => bytesOf(scene().flip()) });
    const files: Record<string, Buffer> = { 'good/0.png': await bytesOf(scene()) };
    for (const [i, [, make]] of made.entries()) files[`odd/${i}.png`] = await make();
    const [plain, ...odd] = await embeddings(files);
    for (const [i, [kind]] of made.entries()) likeness.set(kind, cosine(plain, odd[i]));
  });

  for (const kind of Object.keys(ODD)) {
    it(`show the network the same part: ${kind}`, () => assert.ok((likeness.get(kind) ?? 0) > SAME, show(likeness)));
  }

  it('are not the same upside down, or the cases above would prove nothing', () => {
    assert.ok((likeness.get('upside down') ?? 1) < SAME, show(likeness));
  });

  it('refuses a file that is cut short, by name, before training: IMAGE_UNREADABLE', async () => {
    const whole = await scene().jpeg().toBuffer();
    const files = { 'good/0.png': await bytesOf(scene()), 'odd/0.jpg': whole.subarray(0, whole.length / 2) };
    await assert.rejects(embeddings(files), { code: 'IMAGE_UNREADABLE', message: /odd\/0\.jpg/ });
  });

  const changes: [string, RegExp, (file: string) => Promise<void>][] = [
    ['gone', /odd\/0\.png changed during the run: it cannot be read/, (file) => rm(file)],
    [
      'another picture',
      /odd\/0\.png changed during the run: its bytes are others/,
      async (file) => writeFile(file, await bytesOf(scene().flip())),
    ],
  ];
  for (const [what, message, change] of changes) {
    it(`stops when a file is ${what} after it was hashed: DATA_CHANGED`, async () => {
      const files = { 'good/0.png': await bytesOf(scene()), 'odd/0.png': await bytesOf(scene(90)) };
      await assert.rejects(
        embeddings(files, (dir) => change(join(dir, 'odd/0.png'))),
        { code: 'DATA_CHANGED', message },
      );
    });
  }
});

/** Embeddings of the files in the order of their paths; `meanwhile` happens between hashing and computing. */
async function embeddings(
  files: Readonly<Record<string, Buffer>>,
  meanwhile: (dir: string) => Promise<void> = async () => undefined,
): Promise<Float32Array[]> {
  const dir = await makeDataDir(Object.keys(files));
  for (const [path, bytes] of Object.entries(files)) await writeFile(join(dir, path), bytes);
  const { samples } = await verifyPictures(await readDataset({ dir }), { maxPixels: 1e6 });
  await meanwhile(dir);
  const features = await featuresOf(samples);
  const reader = new FeatureReader(features.layout, 'embedding');
  const read = await Promise.all(features.train.map(({ plain }) => reader.read([plain])));
  reader.close();
  return read;
}

async function featuresOf(train: readonly Sample[]) {
  const plan = Plan.parse({ resize: { width: 64, height: 64 }, augment: { copies: 1 }, fineTune: { epochs: 0 } });
  return computeFeatures(
    { train, validation: [] },
    {
      known,
      weights: await loadWeights(known),
      preprocess: preprocessOf(plan, known.backbone),
      cut: 'embedding',
      plan,
      epochs: plan.features.epochs,
      labels: ['good', 'odd'],
      cacheDir: tempDir(),
      maxPixels: 1e6,
    },
    new TrainLog([]),
  );
}

function show(likeness: ReadonlyMap<string, number>): string {
  return JSON.stringify(Object.fromEntries(likeness));
}

const NONE: Float32Array = Float32Array.of(0);

function cosine(a = NONE, b = NONE): number {
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
