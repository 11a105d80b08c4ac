import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { Report } from '#contracts';
import { openArtefact } from '#model/artefact';
import { chooseBackend } from '#model/backend/choose';
import type { ModelCard } from '#model/card';
import { reachedAt } from '#model/reached';
import { makeArtefact, redPicture } from '../../../../test/factories/artefact.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { evaluateModel } from '../judge/evaluate-model.js';
import { choosePictures } from '../report/robustness.js';
import { writeReport } from './report.js';

const REDS = [10, 30, 50, 70, 90, 140, 100, 130, 150, 200, 220, 240];

async function makeScored() {
  const data = tempDir();
  for (const [i, red] of REDS.entries()) {
    const folder = join(data, i < 6 ? 'good' : 'defect');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${red}.png`), await redPicture(red));
  }
  const artefact = await openArtefact((await makeArtefact()).dir);
  return { artefact, ...(await evaluateModel({ artefact, data })) };
}

describe('the report', () => {
  before(() => chooseBackend('wasm'));

  it('puts the hardest first, keeps the last word on a repeated epoch, and says the same twice', async () => {
    const { artefact, scored, subset, leftOut } = await makeScored();
    const epoch = (at: number, loss: number) =>
      JSON.stringify({
        event: 'epoch',
        phase: 'features',
        epoch: at,
        epochs: 2,
        loss,
        validation: null,
        ts: '2026-01-01T00:00:00.000Z',
      });
    const kept = (at: number) =>
      JSON.stringify({
        ...{ event: 'kept', phase: 'features', epoch: at, ran: 2, by: 'auroc', isAveraged: false },
        ts: '2026-01-01T00:00:00.000Z',
      });
    const lines = [
      kept(2),
      epoch(1, 0.9),
      epoch(2, 0.8),
      '{"event":"step","step":"epoch","text":"no epoch"}',
      epoch(2, 0.7),
      kept(1),
      '',
    ];
    writeFileSync(join(artefact.dir, 'metrics.jsonl'), lines.join('\n'));
    const out = tempDir();
    const files = { html: join(out, 'r.html'), json: join(out, 'r.json') };
    const write = () => writeReport({ artefact, scored, subset, leftOut, doubts: [], files, robustness: 6 });
    const report = await write();
    assert.deepEqual(
      report.epochs.map(({ epoch: at, loss }) => [at, loss]),
      [
        [1, 0.9],
        [2, 0.7],
      ],
    );
    assert.deepEqual(
      report.kept.map(({ phase, epoch: at, by }) => [phase, at, by]),
      [['features', 1, 'auroc']],
    );
    const page = readFileSync(files.html, 'utf8');
    assert.match(page, /Kept of phase 1:<\/b> epoch 1 of 2, the best by AUROC on validation\./);
    assert.match(page, />kept<\/text>/);
    const wrong = report.hardest.filter(({ isWrong }) => isWrong).map(({ path, verdict }) => [path, verdict]);
    assert.deepEqual(wrong, [
      ['defect/100.png', 'PASS'],
      ['good/140.png', 'FAIL'],
    ]);
    assert.deepEqual([report.hardest[0]?.path, report.hardest[6]?.path], ['defect/100.png', 'good/140.png']);
    const { createdTs: _, ...again } = await write();
    const { createdTs: __, ...first } = report;
    assert.deepEqual(again, first);
  });

  it('shows counts and limits of good pictures alone', async () => {
    const { artefact, scored, subset } = await makeScored();
    const out = tempDir();
    const files = { html: join(out, 'r.html'), json: join(out, 'r.json') };
    const goods = scored.filter(({ isDefect }) => !isDefect);
    const report = await writeReport({ artefact, scored: goods, subset, leftOut: 6, doubts: [], files, robustness: 4 });
    assert.deepEqual(Report.parse(JSON.parse(readFileSync(files.json, 'utf8'))), report);
    assert.deepEqual([report.figures.auroc, report.figures.atThreshold.fp], [null, 1]);
    const page = readFileSync(files.html, 'utf8');
    assert.match(page, /6 used in training are left out/);
    assert.match(page, /1 of 6<\/b><span>good parts rejected/);
    assert.doesNotMatch(page, /NaN|undefined|>null/);
  });

  it('says where the threshold is, how firm it is, and whom the guard keeps from being judged', async () => {
    const { artefact, scored, subset } = await makeScored();
    const wish = { kind: 'costs', escapeCost: 10, overkillCost: 1 } as const;
    const reached = { validation: reachedAt({ tp: 1, fp: 0, tn: 1, fn: 0 }, wish), test: null };
    const aim = { wish, defectRate: null, reviewPerThousand: 0 };
    const card: ModelCard = {
      ...artefact.card,
      operatingPoint: { threshold: 0.5, greyZone: [0.5, 0.5] },
      operatingReason: { ...aim, reached, spread: [0.12345, 0.9], words: '' },
    };
    const out = tempDir();
    const files = { html: join(out, 'r.html'), json: join(out, 'r.json') };
    const guarded = scored.map((one, i) => ({ ...one, isUnfamiliar: i === 0 }));
    const model = { ...artefact, card };
    await writeReport({ artefact: model, scored: guarded, subset, leftOut: 0, doubts: [], files, robustness: 0 });
    const page = readFileSync(files.html, 'utf8');
    assert.match(
      page,
      /1 of 12<\/b><span>for a person to decide, \d+ defects? and \d+ good parts?: no grey zone, 1 unlike anything in training/,
    );
    assert.match(page, /Threshold:<\/b> 0\.5000, chosen on validation\..* between 0\.1235 and 0\.9000/);
  });

  it('disturbs as many pictures as asked, half of them defects, or what there is', async () => {
    const { scored } = await makeScored();
    const kinds = (some: typeof scored) => some.filter(({ isDefect }) => isDefect).length;
    assert.deepEqual([choosePictures(scored, 6).length, kinds(choosePictures(scored, 6))], [6, 3]);
    assert.equal(choosePictures(scored, 100).length, 12);
    const few = scored.filter(({ isDefect }, i) => !isDefect || i < 2);
    assert.deepEqual([choosePictures(few, 6).length, kinds(choosePictures(few, 6))], [6, 2]);
  });
});
