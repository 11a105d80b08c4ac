import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Verdict } from '#contracts';
import { makeVerdict } from '../factories/live.js';
import { Account, type Books, type Figures, type LedgerRecord, type Opening, type SentPart } from './account.js';

const WINDOW_MS = 1_000;
const PART: SentPart = {
  frameId: 'f1',
  camera: 'cam1',
  partId: 'p1',
  seq: 7,
  sentAt: 5_000,
  isDefective: false,
  score: 0.04,
};
const RECORD: LedgerRecord = { frameId: 'f1', verdict: 'PASS', bootId: 'boot1', identity: 'given' };
const SOUND: Books = { records: [RECORD], plant: ['f1'], gaps: [], seen: [{ camera: 'cam1', first: 0, last: 9 }] };

function makePass(over: Partial<Verdict> = {}): Verdict {
  return makeVerdict({ frameId: 'f1', partId: 'p1', score: 0.04, ...over });
}

/** One part that was delivered, acknowledged and passed; changed as the test wants it. */
function judge(
  over: {
    part?: Partial<SentPart>;
    opening?: Partial<Opening> | null;
    books?: Partial<Books>;
    isAcknowledged?: boolean;
  } = {},
): Figures {
  const account = new Account(WINDOW_MS);
  account.sent({ ...PART, ...over.part });
  account.delivered('f1');
  if (over.isAcknowledged ?? true) account.acknowledged('f1');
  const opening = { frameId: 'f1', verdict: makePass(), heardAt: 5_100, readyBootId: 'boot1' };
  if (over.opening !== null) account.opened({ ...opening, ...over.opening });
  return account.audit({ ...SOUND, ...over.books });
}

describe('the account of a line', () => {
  it('is content with one record, and a PASS that the gate may believe', () => {
    const { problems, ...figures } = judge();
    assert.deepEqual(problems, []);
    assert.deepEqual(figures, {
      sent: 1,
      delivered: 1,
      pass: 1,
      fail: 0,
      inconclusive: 0,
      lost: 0,
      doubled: 0,
      falsePass: 0,
      missed: 0,
      unexplained: 0,
    });
  });

  it('calls a frame lost that was acknowledged and has no record', () => {
    const figures = judge({ opening: null, books: { records: [], plant: [] } });
    assert.equal(figures.lost, 1);
    assert.match(figures.problems[0] ?? '', /f1 is lost from the ledger/);
  });

  it('calls a frame lost that the ledger has and the plant database has not', () => {
    assert.equal(judge({ books: { plant: [] } }).lost, 1);
    assert.equal(judge({ books: { plant: null } }).lost, 0);
  });

  it('calls a message without a frameId lost where no record has a derived name', () => {
    const account = new Account(WINDOW_MS);
    account.acknowledged(null);
    account.acknowledged(null);
    const records = [{ ...RECORD, frameId: 'derived-1', identity: 'derived' as const }];
    assert.equal(account.audit({ records, plant: null, gaps: [], seen: [] }).lost, 1);
  });

  it('does not call a frame lost that was never acknowledged, but wants it in a listed gap', () => {
    const unsaid = { opening: null, isAcknowledged: false, books: { records: [], plant: [] } };
    const { lost, unexplained } = judge(unsaid);
    assert.deepEqual([lost, unexplained], [0, 1]);
    const gaps = [{ camera: 'cam1', first: 5, last: 9 }];
    assert.equal(judge({ ...unsaid, books: { ...unsaid.books, gaps } }).unexplained, 0);
    const others = [
      { camera: 'cam2', first: 5, last: 9 },
      { camera: 'cam1', first: 8, last: 9 },
    ];
    assert.equal(judge({ ...unsaid, books: { ...unsaid.books, gaps: others } }).unexplained, 1);
    const seen = [{ camera: 'cam1', first: 8, last: 9 }];
    assert.equal(judge({ ...unsaid, books: { ...unsaid.books, seen } }).unexplained, 0, 'before the first known one');
  });

  it('calls a frame doubled that has two records, in one ledger or in two, or two rows in the plant database', () => {
    assert.equal(judge({ books: { records: [RECORD, { ...RECORD, bootId: 'boot1' }] } }).doubled, 1);
    assert.equal(judge({ books: { plant: ['f1', 'f1'] } }).doubled, 1);
  });

  const falsified: { name: string; over: Parameters<typeof judge>[0]; why: RegExp }[] = [
    { name: 'on FAIL', over: { opening: { verdict: makePass({ verdict: 'FAIL' }) } }, why: /on FAIL/ },
    { name: 'after the window', over: { opening: { heardAt: 6_001 } }, why: /1001 ms after the trigger/ },
    { name: 'with nobody READY', over: { opening: { readyBootId: null } }, why: /no inspector was READY/ },
    { name: 'on another boot', over: { opening: { readyBootId: 'boot2' } }, why: /while boot2 was READY/ },
    {
      name: 'on another frame',
      over: { opening: { verdict: makePass({ frameId: 'f0' }) } },
      why: /verdict of cam1 f0/,
    },
    { name: 'on another part', over: { opening: { verdict: makePass({ partId: 'p2' }) } }, why: /verdict of cam1 f1/ },
    { name: 'on another picture’s score', over: { part: { score: 0.9 } }, why: /where the picture has 0.9/ },
    { name: 'on a late verdict', over: { opening: { verdict: makePass({ late: true }) } }, why: /does not count/ },
    {
      name: 'on an unrecorded one',
      over: { opening: { verdict: makePass({ recorded: false }) } },
      why: /does not count/,
    },
    { name: 'without a record', over: { isAcknowledged: false, books: { records: [], plant: [] } }, why: /no record/ },
    { name: 'against its record', over: { books: { records: [{ ...RECORD, verdict: 'FAIL' }] } }, why: /says FAIL/ },
    {
      name: 'on what another boot recorded',
      over: { books: { records: [{ ...RECORD, bootId: 'b2' }] } },
      why: /by b2/,
    },
  ];
  for (const { name, over, why } of falsified) {
    it(`calls the gate’s opening a false PASS: ${name}`, () => {
      const figures = judge(over);
      assert.equal(figures.falsePass, 1);
      assert.ok(
        figures.problems.some((problem) => why.test(problem)),
        figures.problems.join('\n'),
      );
    });
  }

  it('calls the gate’s opening a false PASS for a part that nobody sent', () => {
    const account = new Account(WINDOW_MS);
    account.opened({ frameId: 'ghost', verdict: makePass({ frameId: 'ghost' }), heardAt: 1, readyBootId: 'boot1' });
    assert.equal(account.audit({ records: [], plant: null, gaps: [], seen: [] }).falsePass, 1);
  });

  it('counts a defective part with a valid PASS as missed: the model’s own mistake', () => {
    const { missed, falsePass } = judge({ part: { isDefective: true } });
    assert.deepEqual([missed, falsePass], [1, 0]);
  });
});
