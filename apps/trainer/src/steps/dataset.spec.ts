import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import { classPaths, makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { makeSurface } from '../../../../test/factories/surfaces.js';
import { TrainLog } from '../train-log.js';
import { type DatasetRequest, type NamesRequest, type PreparedDataset, prepareDataset, readNames } from './dataset.js';

const REQUEST = { validationShare: 0.25, testShare: 0.25, seed: 1, leaks: 'refuse', maxPixels: 1_000_000 } as const;

describe('dataset step', () => {
  it('hands on verified pictures on three sides, counted, and says so in one line', async () => {
    const lines: string[] = [];
    const log = new TrainLog([(event) => event.event === 'step' && lines.push(event.text)]);
    const data = await makeDataDir(classPaths({ good: 16, crack: 8 }));
    const { split, pictures, fingerprint, dataset } = await prepare({ ...REQUEST, data }, log);
    assert.deepEqual(pictures, {
      train: { good: 9, crack: 4 },
      val: { good: 3, crack: 2 },
      test: { good: 4, crack: 2 },
    });
    assert.ok([...split.train, ...split.val, ...split.test].every(({ sha256 }) => sha256?.length === 64));
    assert.deepEqual(dataset.labels, ['good', 'crack']);
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.equal(lines[0], '24 pictures: train 9 good + 4 crack, val 3 good + 2 crack, test 4 good + 2 crack');
  });

  it('learns no kind of defect that is in test alone, keeps its pictures there and says so', async () => {
    const lines: string[] = [];
    const log = new TrainLog([(event) => event.event === 'step' && lines.push(`${event.step}: ${event.text}`)]);
    const sides = { 'train/good': 16, 'train/crack': 8, 'test/good': 6, 'test/crack': 5, 'test/dent': 4 };
    const data = await makeDataDir(classPaths(sides));
    const { split, labels, pictures } = await prepare({ ...REQUEST, leaks: 'allow', data }, log);
    assert.deepEqual(labels, ['good', 'crack']);
    assert.deepEqual(pictures['test'], { good: 6, crack: 5, dent: 4 });
    assert.equal(split.test.filter(({ label }) => label === 'dent').length, 4);
    assert.match(lines.join('\n'), /^doubt: dent \(4 pictures\) in test alone: .* count it as a defect/m);
  });

  it('doubts a class of defects that reads like good parts', async () => {
    const lines: string[] = [];
    const log = new TrainLog([(event) => event.event === 'step' && lines.push(`${event.step}: ${event.text}`)]);
    const data = await makeDataDir(classPaths({ Positive: 16, Negative: 8 }));
    await prepare({ ...REQUEST, good: ['Positive'], data }, log);
    assert.match(
      lines.join('\n'),
      /^doubt: Negative counts as a defect, yet reads like good parts: .* --good "Negative"/m,
    );
  });

  it('refuses what cannot be split before it opens a picture', async () => {
    const data = await makeDataDir(classPaths({ good: 9 }), { 'crack/1.png': 'not a picture' });
    await assert.rejects(prepare({ ...REQUEST, data }, new TrainLog([])), { code: 'TOO_FEW' });
  });

  it('catches a mirrored copy, and a turned and re-encoded one, on two sides of a given split: LEAK', async () => {
    const request = { ...REQUEST, data: await makeLeaky() };
    await assert.rejects(prepare(request, new TrainLog([])), {
      name: 'RefusedError',
      code: 'LEAK',
      message:
        /^2 pairs .*defect\/14.jpg \(test\) = defect\/3.png \(train\), turned by 270, good\/1.png \(train\) = good\/12.jpg \(test\), mirrored\. /,
    });
  });

  it('goes on where the plan allows leaks, says so and counts them', async () => {
    const lines: string[] = [];
    const log = new TrainLog([(event) => event.event === 'step' && lines.push(`${event.step}: ${event.text}`)]);
    const { leaks } = await prepare({ ...REQUEST, leaks: 'allow', data: await makeLeaky() }, log);
    assert.equal(leaks, 2);
    assert.match(lines.join('\n'), /^doubt: the plan allows 2 pairs/m);
    assert.match(lines.join('\n'), /^doubt: pictures of 2 formats/m);
  });

  it('doubts a validation side whose defects are of one to four parts, but not one with five', async () => {
    assert.deepEqual(await doubtsOf({ val: 6 }, () => 'screw 0'), [
      'validation has 6 defect pictures of 1 group, which say little of others (with none missed, up to 95 % may pass) and choose epochs and threshold: label more of other groups, or name a validation side with several',
    ]);
    assert.match(
      (await doubtsOf({ val: 6 }, (i) => `screw ${i % 4}`)).join(),
      /^validation has 6 .* of 4 groups, which /,
    );
    assert.deepEqual(await doubtsOf({ val: 6 }, (i) => `screw ${i % 5}`), []);
  });

  it('calls what the defects are of as the data does, and asks for more of others', async () => {
    const columnsOf = async (column: string) => (await doubtsOf({ val: 6 }, () => 'L1', { column })).join();
    assert.match(
      await columnsOf('lot'),
      /^validation has 6 defect pictures of 1 lot, .*: label more of other lots, or /,
    );
    assert.match(
      await columnsOf('part'),
      /^validation has 6 defect pictures of 1 part, .*: label more of other parts, or /,
    );
  });

  it('doubts a validation or test side of few defects, each once, and neither where there are five', async () => {
    const [validation = '', test = '', ...more] = await doubtsOf({ val: 3, test: 1 });
    assert.match(
      validation,
      /^validation has 3 defect pictures, .* \(with none missed, up to 63\.2 % may pass\) and choose /,
    );
    assert.match(test, /^test has 1 defect picture, .* up to 95 % may pass\), whatever its figures are: label more, /);
    assert.deepEqual(more, []);
    assert.deepEqual(await doubtsOf({ val: 5, test: 5 }), []);
  });

  it('doubts a classifier that learns from a handful of defects, and names the mode that needs none', async () => {
    const [train = '', ...more] = await doubtsOf({ train: 24, val: 5 });
    assert.match(train, /^train has 24 defect pictures: .* --set mode=one-class, /);
    assert.deepEqual(more, []);
  });

  it('doubts few test defects of a one-class run too, where those of validation choose nothing', async () => {
    const [test = '', ...more] = await doubtsOf({ val: 2, test: 2 }, String, { isOneClass: true });
    assert.match(test, /^test has 2 defect pictures/);
    assert.deepEqual(more, []);
  });

  it('refuses pictures that do not have the size the plan asks for, by name, before anything is learnt: IMAGE_SIZE', async () => {
    const data = await makeDataDir(classPaths({ good: 8, crack: 8 }));
    const request = { ...REQUEST, data, frame: { width: 16, height: 12 } };
    await assert.rejects(prepare(request, new TrainLog([])), {
      code: 'IMAGE_SIZE',
      message: /^16 of 16 pictures .*crack\/000\.png, .* and 6 more \(expected 16x12, got 16x16\)\. /,
    });
  });

  it('doubts pictures of 16 bits that use only the low ones, but not those that use all', async () => {
    const doubtsAt = async (peak: number): Promise<string> => {
      const paths = classPaths({ good: 8, crack: 8 });
      const rows = paths.map((path, i) => `${path},${path.split('/')[0]},${i % 2 === 0 ? 'train' : 'val'}`);
      const data = await makeDataDir([], {
        'split.csv': ['path,label,split', ...rows].join('\n'),
        'good/x': '',
        'crack/x': '',
      });
      for (const [i, path] of paths.entries()) {
        const levels = Uint16Array.from({ length: 256 }, (_, at) => (at === 0 ? peak : (at * (i + 1)) % peak));
        const raw = { width: 16, height: 16, channels: 1, premultiplied: false } as const;
        await sharp(levels, { raw }).toColourspace('grey16').png().toFile(join(data, path));
      }
      const doubts: string[] = [];
      const log = new TrainLog([
        (event) => event.event === 'step' && event.step === 'doubt' && doubts.push(event.text),
      ]);
      await prepare({ ...REQUEST, leaks: 'allow', data }, log);
      return doubts.join('\n');
    };
    assert.match(
      await doubtsAt(4095),
      /^16 pictures of 16 bits use the low 12 alone \(at most 4095 of 65535\), .*levels times 16, /m,
    );
    assert.doesNotMatch(await doubtsAt(65_000), /16 bits use the low/);
  });

  it('puts copies on one side where it makes the sides itself', async () => {
    const data = await makeLeaky('path,label');
    for (let seed = 0; seed < 5; seed += 1) {
      const { split, leaks } = await prepare({ ...REQUEST, seed, data }, new TrainLog([]));
      const sideOf = new Map(
        [...split.train, ...split.val, ...split.test].map((sample) => [sample.path, sample.split]),
      );
      assert.equal(leaks, 0);
      assert.equal(sideOf.get('good/1.png'), sideOf.get('good/12.jpg'));
    }
  });
});

/** As a run does it: names first, then the pictures. */
async function prepare(asked: NamesRequest & Omit<DatasetRequest, 'named'>, log: TrainLog): Promise<PreparedDataset> {
  return prepareDataset({ ...asked, named: await readNames(asked) }, log);
}

/**
 * What is said of a data set with these defects on its sides, beside two in train.
 * @param groupOf of the defect with this number on its side, from 0; `column` holds it
 */
async function doubtsOf(
  defects: { readonly train?: number; readonly val: number; readonly test?: number },
  groupOf: (defect: number) => string = String,
  { column = 'group', ...asked }: { readonly isOneClass?: boolean; readonly column?: string } = {},
): Promise<string[]> {
  const sides = Object.entries({ train: 25, ...defects });
  const places = sides.flatMap(([side, n]) => [
    ...[0, 1].map(() => ({ side, label: 'good', group: '' })),
    ...Array.from({ length: n }, (_, i) => ({ side, label: 'defect', group: side + groupOf(i) })),
  ]);
  const paths = places.map(({ label }, i) => `${label}/${i}.png`);
  const rows = places.map(({ side, label, group }, i) => [paths[i], label, side, group || paths[i]].join(','));
  const data = await makeDataDir(paths, { 'split.csv': [`path,label,split,${column}`, ...rows].join('\n') });
  const doubts: string[] = [];
  const log = new TrainLog([(event) => event.event === 'step' && event.step === 'doubt' && doubts.push(event.text)]);
  await prepare({ ...REQUEST, ...asked, data }, log);
  return doubts;
}

/** Sixteen surfaces, two of them in test again: mirrored, and turned by 90 degrees at another size and quality. */
async function makeLeaky(header = 'path,label,split'): Promise<string> {
  const rows = [header];
  const texts: Record<string, string> = { 'good/x.txt': '', 'defect/x.txt': '' };
  const data = await makeDataDir([], texts);
  for (let i = 0; i < 16; i += 1) {
    const label = i % 4 < 2 ? 'good' : 'defect';
    const isCopy = i === 12 || i === 14;
    const path = `${label}/${i}.${isCopy ? 'jpg' : 'png'}`;
    const surface = sharp(await makeSurface(isCopy ? i - 11 : i));
    if (i === 12) surface.flop().jpeg({ quality: 60 });
    if (i === 14) surface.rotate(90).resize(80, 80).jpeg({ quality: 45 });
    writeFileSync(join(data, path), await surface.toBuffer());
    rows.push(`${path},${label}${header.endsWith('split') ? `,${['train', 'train', 'val', 'test'][i >> 2]}` : ''}`);
  }
  writeFileSync(join(data, 'split.csv'), `${rows.join('\n')}\n`);
  return data;
}
