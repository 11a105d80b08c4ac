import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { renameSync, symlinkSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DependencyError, type Verdict } from '#contracts';
import { makeArrival, makeVerdict } from '../../../../test/factories/frames.js';
import { mountSmallDisk, whyNoSmallDisk } from '../../../../test/factories/small-disk.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { LedgerStore } from './ledger-store.js';
import { PictureRetention, type RetentionOptions } from './picture-retention.js';
import { PictureStore } from './pictures.js';

const DAY_MS = 86_400_000;
const NOW = Date.parse('2026-03-01T00:00:00.000Z');
const daysAgo = (days: number): string => new Date(NOW - days * DAY_MS).toISOString();

/** @param over `folder`: of the pictures. `freeBytes`: on their disk, instead of what it really has */
async function makeStore({
  freeBytes,
  folder,
  ...over
}: Partial<RetentionOptions> & { freeBytes?: () => Promise<number>; folder?: string } = {}) {
  const dir = tempDir();
  const ledger = await LedgerStore.open(join(dir, 'ledger.sqlite'));
  after(() => ledger.stop());
  const pictures = new PictureStore({
    dir: folder ?? join(dir, 'pictures'),
    keepPass: 1,
    isHeld: () => false,
    hashOf: (id) => ledger.pictureOf(id),
    record: (kept) => ledger.keepPicture(kept),
    onKept: () => undefined,
  });
  if (freeBytes !== undefined) pictures.freeBytes = freeBytes;
  await pictures.start();
  const pruned: [number, readonly string[] | null][] = [];
  const doubts: (number | null)[] = [];
  const retention = new PictureRetention({
    passDays: 30,
    rejectDays: null,
    pruneBelowBytes: 0,
    ledger,
    pictures,
    onPruned: (removed, tight) => pruned.push([removed, tight]),
    onDoubt: (days) => doubts.push(days),
    ...over,
  });
  /** A frame decided so many days ago, its picture on the disk. */
  const keep = async (
    frameId: string,
    days: number,
    about: Partial<Verdict> & { content?: string } = {},
  ): Promise<void> => {
    const { content = frameId, ...verdict } = about;
    const bytes = Buffer.from(content);
    const picture = createHash('sha256').update(bytes).digest('hex');
    const ts = { capture: null, received: daysAgo(days), decided: daysAgo(days) };
    await ledger.accept(makeArrival({ frameId, seq: null }));
    await ledger.close({ verdict: makeVerdict({ frameId, verdict: 'PASS', ts, ...verdict }), picture });
    await pictures.keep(picture, bytes);
  };
  const left = async (...frameIds: string[]): Promise<string[]> => {
    const found: string[] = [];
    for (const frameId of frameIds) if ((await pictures.read(frameId)) !== null) found.push(frameId);
    return found;
  };
  return { dir: join(dir, 'pictures'), ledger, pictures, retention, keep, left, pruned, doubts };
}

describe('how long pictures stay', () => {
  it('a clock set wrong, a year ahead, takes none of them, also over a restart; one that was set right is believed at once', async () => {
    const { ledger, retention, keep, left, doubts } = await makeStore();
    await keep('old', 40);
    await keep('young', 5);
    await retention.look(NOW - 15 * DAY_MS, 0);
    const wrong = NOW + 365 * DAY_MS;
    await retention.look(wrong, 60_000);
    const again = new PictureRetention(retention['options']);
    again.restore(await ledger.settings());
    await again.look(wrong + 60_000, 0);
    assert.deepEqual(await left('old', 'young'), ['old', 'young']);
    await again.look(NOW - 15 * DAY_MS + 120_000, 60_000);
    assert.deepEqual(doubts, [null, 380, 380, null]);
    await again.look(NOW - 9 * DAY_MS, 6 * DAY_MS);
    assert.deepEqual(await left('old', 'young'), ['young']);
  });

  it('one that was wrong for so long that it was believed is doubted again, when it was right for a week meanwhile', async () => {
    const { retention, keep, left, doubts } = await makeStore();
    await keep('young', 5);
    const wrong = 365 * DAY_MS;
    await retention.look(NOW, 0);
    await retention.look(NOW + wrong, 60_000);
    await retention.look(NOW + wrong + 8 * DAY_MS, 8 * DAY_MS);
    await keep('after', -8);
    for (const day of [9, 13, 17]) await retention.look(NOW + day * DAY_MS, day * DAY_MS);
    await retention.look(NOW + wrong + 18 * DAY_MS, 18 * DAY_MS);
    assert.deepEqual(doubts, [null, 365, null, null, null, null, 365]);
    assert.deepEqual(await left('young', 'after'), ['after']);
  });

  it('one that is set far back for a while, as at a start without a battery, is no reason to doubt the right one after it', async () => {
    const { retention, doubts } = await makeStore();
    await retention.look(NOW, 0);
    await retention.look(0, 60_000);
    await retention.look(DAY_MS, DAY_MS);
    await retention.look(NOW + DAY_MS, DAY_MS + 60_000);
    assert.deepEqual(doubts, [null, null, null, null]);
  });

  it('a clock that leaps ahead, as where the line stood still for long, is believed when it has gone on for a week', async () => {
    const { ledger, retention, keep, left, doubts } = await makeStore();
    await keep('old', 40);
    await retention.look(NOW - 30 * DAY_MS, 0);
    await retention.look(NOW, 1_000);
    await retention.look(NOW + 4 * DAY_MS, 4 * DAY_MS);
    const again = new PictureRetention(retention['options']);
    again.restore(await ledger.settings());
    await again.look(NOW + 5 * DAY_MS, 0);
    assert.deepEqual(await left('old'), ['old']);
    await again.look(NOW + 9 * DAY_MS, 4 * DAY_MS);
    assert.deepEqual(await left('old'), []);
    assert.deepEqual(doubts, [null, 30, 30, 31, null]);
  });

  it('passes go after their days, rejects stay; what the ledger says of them stays too', async () => {
    const { ledger, retention, keep, left, pruned } = await makeStore();
    await keep('old-pass', 40);
    await keep('old-fail', 40, { verdict: 'FAIL' });
    await keep('old-unsure', 40, { verdict: 'INCONCLUSIVE' });
    await keep('young-pass', 5);
    await retention.look(NOW);
    assert.deepEqual(await left('old-pass', 'old-fail', 'old-unsure', 'young-pass'), [
      'old-fail',
      'old-unsure',
      'young-pass',
    ]);
    assert.deepEqual(pruned, [[1, null]]);
    assert.equal((await ledger.verdictOf('old-pass'))?.verdict, 'PASS');
  });

  it('those of a clock that was a year ahead for a while hold up none behind them: they go with the next of a right time', async () => {
    const { retention, keep, left } = await makeStore();
    for (const frameId of ['wrong', 'wrong-too']) await keep(frameId, -365);
    await keep('next', 29);
    await keep('wrong-again', -364);
    await keep('last', 5);
    const all = ['wrong', 'wrong-too', 'next', 'wrong-again', 'last'] as const;
    await retention.look(NOW);
    assert.deepEqual(await left(...all), all);
    await retention.look(NOW + 2 * DAY_MS);
    assert.deepEqual(await left(...all), ['wrong-again', 'last']);
  });

  it('of a view that passed is kept as a reject where its part was rejected, whether it was sampled or not', async () => {
    const { ledger, pictures, retention, keep, left } = await makeStore({ rejectDays: 365 });
    await keep('sampled', 40);
    await keep('other', 40);
    const ts = { capture: null, received: daysAgo(40), decided: daysAgo(40) };
    const keepLater = async (frameId: string, content: string): Promise<void> => {
      const verdict = makeVerdict({ frameId, verdict: 'PASS', ts });
      await pictures.keepLater(verdict, Buffer.from(content));
    };
    await keepLater('sampled', 'sampled');
    await ledger.accept(makeArrival({ frameId: 'unsampled', seq: null }));
    await ledger.close({ verdict: makeVerdict({ frameId: 'unsampled', verdict: 'PASS', ts }), picture: null });
    await keepLater('unsampled', 'unsampled');
    const all = ['sampled', 'other', 'unsampled'] as const;
    assert.deepEqual(await left(...all), all);
    await retention.look(NOW);
    assert.deepEqual(await left(...all), ['sampled', 'unsampled']);
    await retention.look(NOW + 6 * DAY_MS, 1);
    await retention.look(NOW + 366 * DAY_MS, 360 * DAY_MS);
    assert.deepEqual(await left(...all), []);
  });

  it('rejects go where they have days of their own', async () => {
    const { retention, keep, left } = await makeStore({ rejectDays: 365 });
    await keep('ancient', 400, { verdict: 'FAIL' });
    await keep('old', 300, { verdict: 'FAIL' });
    await retention.look(NOW);
    assert.deepEqual(await left('ancient', 'old'), ['old']);
  });

  it('a lot on hold stays until it is released, also over a restart', async () => {
    const { ledger, retention, keep, left } = await makeStore();
    await keep('held', 40, { lot: 'L7' });
    await keep('other', 40, { lot: 'L8' });
    await retention.hold('L7');
    const again = new PictureRetention(retention['options']);
    again.restore(await ledger.settings());
    await again.look(NOW);
    assert.deepEqual(await left('held', 'other'), ['held']);
    await again.release('L7');
    await again.look(NOW);
    assert.deepEqual(await left('held'), []);
    assert.equal(
      Object.keys(await ledger.settings()).some((name) => name.includes('L7')),
      false,
      'nor on hold after a restart',
    );
    await assert.rejects(again.release('L7'), { code: 'NOT_HELD', message: /L7.*none/ });
  });

  it('when the disk gets full the oldest passes go until there is room, never rejects', async () => {
    let free = 10;
    const { retention, keep, left, pruned } = await makeStore({
      passDays: null,
      pruneBelowBytes: 12,
      freeBytes: async () => free,
    });
    const { remove } = retention['options'].pictures;
    retention['options'].pictures.remove = async (hash) => {
      free += 1;
      return remove.call(retention['options'].pictures, hash);
    };
    for (const [frameId, days] of [
      ['a', 4],
      ['b', 3],
      ['c', 2],
    ] as const)
      await keep(frameId, days);
    await keep('fail', 9, { verdict: 'FAIL' });
    await retention.look(NOW);
    assert.deepEqual(await left('a', 'b', 'c', 'fail'), ['c', 'fail']);
    free = 5;
    await retention.look(NOW);
    assert.deepEqual(await left('c', 'fail'), ['fail']);
    assert.deepEqual(pruned, [
      [2, null],
      [1, []],
    ]);
  });

  it('passes go where the disk that gets full is one of the pictures alone, mounted in their folder', {
    skip: whyNoSmallDisk(),
  }, async () => {
    const disk = mountSmallDisk(4);
    const { retention, keep, left } = await makeStore({ folder: disk.dir, pruneBelowBytes: 1_000_000 });
    await keep('small', 2);
    await retention.look(NOW);
    assert.deepEqual(await left('small'), ['small']);
    await keep('large', 1, { content: 'x'.repeat(3_500_000) });
    await retention.look(NOW);
    assert.deepEqual(await left('small', 'large'), []);
  });

  it('when all that is left is a reject or on hold, that is told with the lots; released, they go at the next look', async () => {
    const { retention, keep, left, pruned } = await makeStore({ pruneBelowBytes: 12, freeBytes: async () => 0 });
    await retention.hold('L7');
    await keep('held', 40, { lot: 'L7' });
    await keep('fail', 9, { verdict: 'FAIL', lot: 'L8' });
    await retention.look(NOW);
    assert.deepEqual(await left('held', 'fail'), ['held', 'fail']);
    await retention.release('L7');
    await retention.look(NOW);
    assert.deepEqual(await left('held', 'fail'), ['fail']);
    assert.deepEqual(pruned, [
      [0, ['L7']],
      [1, []],
    ]);
  });

  it('a folder that is away for a while, as a disk that is not mounted, loses none of them from sight', async () => {
    const { retention, keep, left, dir } = await makeStore();
    await keep('old', 40);
    renameSync(dir, `${dir}-away`);
    await assert.rejects(retention.look(NOW), { code: 'ENOENT' });
    symlinkSync(join(dir, 'nowhere'), dir);
    await assert.rejects(retention.look(NOW), /E(NOENT|LOOP)/);
    unlinkSync(dir);
    renameSync(`${dir}-away`, dir);
    await retention.look(NOW);
    assert.deepEqual(await left('old'), []);
  });

  it('passes go where the disk is so full that the ledger takes nothing', async () => {
    const refuse = async () => {
      throw new DependencyError('LEDGER_WRITE', 'The disk is full.');
    };
    const { ledger, retention, keep, left } = await makeStore({ pruneBelowBytes: 100, freeBytes: async () => 0 });
    await keep('reject', 2, { verdict: 'FAIL' });
    await keep('pass', 1);
    Object.assign(ledger, { set: refuse, setCursor: refuse });
    await assert.rejects(retention.look(NOW), { code: 'LEDGER_WRITE' });
    assert.deepEqual(await left('reject', 'pass'), ['reject']);
  });

  it('that went are told where the ledger does not take the time', async () => {
    const { ledger, retention, keep, pruned } = await makeStore();
    await keep('old', 40);
    ledger.set = () => Promise.reject(new DependencyError('LEDGER_WRITE', 'The disk is full.'));
    await assert.rejects(retention.look(NOW), { code: 'LEDGER_WRITE' });
    assert.deepEqual(pruned, [[1, null]]);
  });

  it('a picture that a frozen camera sent a hundred times and more stays while one of its lots is on hold', async () => {
    const { retention, keep, left } = await makeStore({ rejectDays: 30 });
    const frozen = { verdict: 'INCONCLUSIVE', reason: 'FRAME_DUPLICATE', content: 'frozen' } as const;
    for (let i = 0; i < 230; i++) await keep(`f${i}`, 40, { ...frozen, lot: i < 120 ? 'L7' : i < 125 ? 'L8' : 'L9' });
    await retention.hold('L8');
    await retention.look(NOW);
    assert.deepEqual(await left('f229'), ['f229']);
    await retention.release('L8');
    await retention.look(NOW);
    assert.deepEqual(await left('f229'), []);
  });

  it('a picture that two frames share goes with the last of them that is to go', async () => {
    const { retention, keep, left } = await makeStore();
    await keep('fail', 50, { verdict: 'FAIL', content: 'same' });
    await keep('pass', 40, { content: 'same' });
    await keep('first', 45, { content: 'twice' });
    await keep('second', 2, { content: 'twice' });
    await retention.look(NOW);
    assert.deepEqual(await left('fail', 'first', 'second'), ['fail', 'first', 'second']);
  });

  it('a picture of a reject that a pass showed after it goes with the reject, and not before the pass is to go', async () => {
    for (const [rejectDays, expected] of [
      [45, []],
      [60, ['fail']],
    ] as const) {
      const { retention, keep, left } = await makeStore({ rejectDays });
      await keep('fail', 50, { verdict: 'FAIL', content: 'same' });
      await keep('pass', 40, { content: 'same' });
      await retention.look(NOW);
      assert.deepEqual(await left('fail'), expected);
    }
    const { retention, keep, left } = await makeStore({ rejectDays: 45 });
    await keep('fail', 50, { verdict: 'FAIL', content: 'same' });
    await keep('pass', 20, { content: 'same' });
    await retention.look(NOW);
    assert.deepEqual(await left('fail'), ['fail']);
    for (const days of [5, 10, 15]) await retention.look(NOW + days * DAY_MS);
    assert.deepEqual(await left('fail'), []);
  });

  it('a lot that is released while pictures are looked through goes at the next look', async () => {
    const { ledger, retention, keep, left } = await makeStore();
    await keep('held', 40, { lot: 'L7' });
    await keep('other', 40);
    await retention.hold('L7');
    const framesOfPicture: RetentionOptions['ledger']['framesOfPicture'] = async (asked) => {
      if (retention.isHeld('L7')) await retention.release('L7');
      return LedgerStore.prototype.framesOfPicture.call(ledger, asked);
    };
    Object.assign(ledger, { framesOfPicture });
    await retention.look(NOW);
    assert.deepEqual(await left('held', 'other'), ['held']);
    await retention.look(NOW);
    assert.deepEqual(await left('held'), []);
  });
});
