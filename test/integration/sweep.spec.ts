import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { parse } from 'csv-parse/sync';
import { writeSampleDataset } from '../../apps/simulator/src/sample-data.js';
import { makePicture } from '../factories/labelled-pictures.js';
import { runLineside } from '../factories/lineside.js';
import { tempDir } from '../factories/tools.js';

// The head alone at 32 pixels: every trial is a process, and seconds.
const SWEEP = `
title: Head <alone>
plan:
  resize: { width: 32, height: 32, policy: squash, kernel: nearest }
  features: { epochs: 2 }
  fineTune: { epochs: 0 }
  backend: wasm
cases:
  - { name: steady, set: { features.rate: 1.0e-3 } }
  - { name: other size, set: { frame: { width: 1, height: 1 } } }
  - { name: large, set: { weights: vgg16 }, needs: import vgg16 first }
seeds: [1]
`;

describe('lineside sweep', () => {
  const dir = tempDir();
  const [data, out, file] = ['data', 'out', 'sweep.yaml'].map((name) => join(dir, name)) as [string, string, string];
  const args = ['sweep', `--data=${data}`, `--out=${out}`, `--sweep=${file}`, `--cache=${join(dir, 'cache')}`];

  before(async () => {
    await writeSampleDataset(data, { seed: 5, count: 60, defectShare: 0.5 });
    writeFileSync(file, SWEEP);
  });

  it('ranks what it could try, says why it could not try the rest, and goes on where it stopped', async () => {
    const first = await runLineside([...args, `--weights-dir=${join(dir, 'weights')}`]);
    assert.equal(first.exitCode, 0, first.stderr);
    assert.match(first.stdout, /^1 +steady +\d\.\d{4} \(too few groups\) +- +\d+ +first$/m);
    assert.match(first.stdout, /^- +other size .*IMAGE_SIZE/m);
    assert.match(first.stdout, /^- +large .*import vgg16 first/m);

    const html = readFileSync(join(out, 'sweep.html'), 'utf8');
    assert.match(html, /Head &#60;alone&#62;/);
    assert.equal(html.match(/<svg/g)?.length, 2);
    const rows = parse(readFileSync(join(out, 'sweep.csv'), 'utf8'), { columns: true }) as Record<string, string>[];
    assert.deepEqual(
      rows.map(({ candidate, place }) => [candidate, place]),
      [
        ['steady', '1'],
        ['other size', ''],
        ['large', ''],
      ],
    );
    const report = JSON.parse(readFileSync(join(out, 'sweep.json'), 'utf8')) as { rows: { figures: object | null }[] };
    assert.deepEqual(Object.keys(report.rows[0]?.figures ?? {}), [
      'auroc',
      'averagePrecision',
      'maxF1',
      'overkillAt95',
    ]);
    assert.ok(
      readdirSync(join(out, 'trials')).every((id) => !readdirSync(join(out, 'trials', id)).includes('card.json')),
    );

    // A candidate more: what has ended is not run again, features come from the cache.
    writeFileSync(file, SWEEP.replace('cases:', 'cases:\n  - { name: hasty, set: { features.rate: 1.0e-2 } }'));
    const second = await runLineside([...args, `--weights-dir=${join(dir, 'weights')}`]);
    assert.equal(second.exitCode, 0, second.stderr);
    assert.match(second.stderr, /steady, seed 1: AUROC .*\(finished before\)/);
    // What the data may be to blame for is tried again.
    assert.match(second.stderr, /other size, seed 1: failed, IMAGE_SIZE(?!.*finished before)/);
    assert.match(second.stderr, /hasty, seed 1: AUROC \d\.\d{4} in \d+ s$/m);
    assert.match(second.stdout, /^2 +.*too few groups to tell from the first$/m);
    const logs = readdirSync(join(out, 'trials')).map((id) =>
      readFileSync(join(out, 'trials', id, 'metrics.jsonl'), 'utf8'),
    );
    assert.equal(logs.filter((log) => /pictures at cut embedding, (?!0)\d+ from the cache/.test(log)).length, 1);
  });

  it('does not compare trials that saw other pictures: SWEEP_DATA', async () => {
    const [picture = ''] = readdirSync(join(data, 'good'));
    writeFileSync(join(data, 'good', picture), await makePicture());
    writeFileSync(file, SWEEP.replace('cases:', 'cases:\n  - { name: late, set: { features.rate: 1.0e-4 } }'));
    const { exitCode, stderr } = await runLineside([...args, `--weights-dir=${join(dir, 'weights')}`]);
    assert.equal(exitCode, 1);
    assert.match(stderr, /^error SWEEP_DATA: .*trial \S+ with seed 1 saw other pictures.*another --out\.$/m);
  });
});
