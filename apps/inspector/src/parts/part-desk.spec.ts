import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { InspectorConfig } from '#config';
import { DependencyError, type PartVerdict, type Verdict } from '#contracts';
import { makeArrival, makeVerdict } from '../../../../test/factories/frames.js';
import { holdClock } from '../../../../test/factories/held-clock.js';
import { countOf } from '../../../../test/factories/metrics.js';
import { until } from '../../../../test/factories/until.js';
import { Counters } from '../health/counters.js';
import type { Arrival, PartArrival } from '../ledger/rows.js';
import { Recipes } from '../recipes.js';
import { Alarms } from '../state/alarms.js';
import { Holds } from '../state/holds.js';
import { PartDesk, type PartDeskOptions } from './part-desk.js';

const VIEWS = [
  { view: 'top', camera: 'cam1' },
  { view: 'side', camera: 'cam2' },
];

/** Two products with recipes of their own per view, and one recipe that looks at both. */
const BOARDS_AND_LIDS = InspectorConfig.parse({
  inspector: {},
  registry: {},
  cameras: [{ name: 'cam1', recipe: 'board-top' }],
  recipes: [
    ...['board-top', 'board-side'].map((name) => ({ name, products: ['board'] })),
    ...['lid-top', 'lid-side'].map((name) => ({ name, products: ['lid'] })),
    { name: 'any-side', products: ['lid', 'board'] },
  ],
});

const PICTURE = Buffer.from('a picture');
const clock = holdClock();

/** @param options recordMs: how long the disk takes */
function makeDesk({
  windowMs = 60_000,
  recordMs = 0,
  ...over
}: Partial<PartDeskOptions> & { windowMs?: number; recordMs?: number } = {}) {
  const steps: string[] = [];
  const published: PartVerdict[] = [];
  const shown: PartVerdict[] = [];
  const watched: PartVerdict[] = [];
  const counters = new Counters();
  const alarms = new Alarms({ inspectorId: 'i1', bootId: 'b1', ownerOf: () => null, onAlert: () => undefined });
  const desk = new PartDesk({
    bootId: 'b1',
    plan: { views: VIEWS, windowMs },
    recipes: { areOfOneProduct: (names) => new Set(names).size === 1 },
    ledger: {
      openPart: async ({ partId }: PartArrival) => void steps.push(`open ${partId}`),
      closePart: async ({ partId }: PartVerdict) => {
        steps.push(`close ${partId}`);
        clock.pass(recordMs);
        return 'recorded';
      },
      overtake: async ({ reason }) => void steps.push(`overtaken ${reason}`),
      openParts: async () => [],
      lastParts: async () => [],
    },
    pictures: { hold: () => undefined, settle: () => undefined },
    publisher: {
      publishPart: (part) => {
        steps.push(`publish ${part.partId}`);
        published.push(part);
      },
    },
    outbox: { wake: () => undefined },
    board: { showPart: (part) => void shown.push(part) },
    supervision: { seePart: (part) => void watched.push(part) },
    holds: new Holds(async () => undefined),
    counters,
    alarms,
    reporter: { internalError: (error) => assert.fail(String(error)) },
    onLedgerRefused: (error) => void steps.push(`refused ${(error as DependencyError).code}`),
    ...over,
  });
  const on = (): string[] => alarms.active.map(({ code, camera }) => `${code} ${camera ?? '-'}`);
  return { desk, steps, published, shown, watched, counters, alarms, on };
}

function deskLedger(): PartDeskOptions['ledger'] {
  return {
    openPart: async () => undefined,
    closePart: async () => 'recorded',
    overtake: async () => undefined,
    openParts: async () => [],
    lastParts: async () => [],
  };
}

/** A view of a part as it was accepted a moment ago. */
function arrive(over: Partial<Arrival> = {}): Arrival {
  const now = Date.now();
  return makeArrival({
    frameId: over.camera === 'cam2' ? 's' : 't',
    receivedTs: new Date(now).toISOString(),
    validUntil: new Date(now + 500).toISOString(),
    ...over,
  });
}
const top = (over: Partial<Verdict> = {}): Verdict =>
  makeVerdict({ camera: 'cam1', frameId: 't', verdict: 'PASS', ...over });
const side = (over: Partial<Verdict> = {}): Verdict =>
  makeVerdict({ camera: 'cam2', frameId: 's', verdict: 'PASS', ...over });
/** A view comes and has its verdict at once. */
function give(desk: PartDesk, verdict: Verdict): void {
  const { camera, frameId, partId, view, challenge } = verdict;
  desk.arrive(arrive({ camera, frameId, partId, view, challenge }));
  desk.add(verdict, PICTURE);
}
const words = (parts: readonly PartVerdict[]): string[] =>
  parts.map(({ partId, verdict, reason }) => `${partId} ${verdict} ${reason}`);

describe('the verdict on a part', () => {
  it('is recorded and then published once, when the last view has its verdict', async () => {
    const { desk, steps, published, counters } = makeDesk();
    desk.arrive(arrive({ camera: 'cam1', frameId: 't' }));
    desk.arrive(arrive({ camera: 'cam2', frameId: 's' }));
    desk.add(side({ score: 0.3 }), PICTURE);
    assert.equal(published.length, 0);
    desk.add(top({ score: 0.1 }), PICTURE);
    await desk.drain();
    assert.deepEqual(steps, ['open part-1', 'close part-1', 'publish part-1']);
    const [part] = published;
    assert.deepEqual(words(published), ['part-1 PASS MODEL']);
    assert.equal(part?.score, 0.3);
    assert.deepEqual(
      part?.views.map(({ view, frameId }) => `${view} ${frameId}`),
      ['top t', 'side s'],
    );
    assert.equal(await countOf(counters, 'part_verdicts'), 1);
  });

  it('is the worst of its views', async () => {
    const cases: [Partial<Verdict>, Partial<Verdict>, string][] = [
      [{}, { verdict: 'FAIL', reason: 'MODEL', defectClass: 'crack' }, 'part-1 FAIL MODEL'],
      [{ verdict: 'INCONCLUSIVE', reason: 'IMAGE_BLUR' }, {}, 'part-1 INCONCLUSIVE IMAGE_BLUR'],
      [{ verdict: 'INCONCLUSIVE', reason: 'LATE' }, { verdict: 'FAIL' }, 'part-1 FAIL MODEL'],
    ];
    for (const [first, second, expected] of cases) {
      const { desk, published } = makeDesk();
      desk.arrive(arrive({ camera: 'cam1' }));
      desk.add(top(first), PICTURE);
      give(desk, side(second));
      await desk.drain();
      assert.deepEqual(words(published), [expected]);
    }
  });

  it('is INCONCLUSIVE(MISSING_VIEW) when the window is over; a view that comes then changes nothing', async () => {
    const { desk, published, counters } = makeDesk({ windowMs: 20 });
    desk.arrive(arrive({ camera: 'cam1' }));
    desk.add(top(), PICTURE);
    clock.pass(20);
    await nextTurn();
    assert.equal(published.length, 1);
    desk.arrive(arrive({ camera: 'cam2' }));
    desk.add(side(), PICTURE);
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE MISSING_VIEW']);
    assert.equal(published[0]?.views[1]?.frameId, null);
    assert.equal(await countOf(counters, 'views_late'), 1);
  });

  it('is due at the end of the window of its earliest view, also where that one was longer on its way', async () => {
    const { desk, published } = makeDesk({ windowMs: 1_000 });
    desk.arrive(arrive({ camera: 'cam1', deadlineMs: 500 }));
    const earlier = new Date(Date.now() - 600 + 500).toISOString();
    desk.arrive(arrive({ camera: 'cam2', deadlineMs: 500, validUntil: earlier }));
    desk.add(side(), PICTURE);
    clock.pass(399);
    assert.equal(published.length, 0);
    clock.pass(1);
    await nextTurn();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE LATE']);
    assert.equal(Date.parse(published[0]?.validUntil ?? ''), Date.now());
  });

  it('is given anew when a part without one of its views is fed again, whichever view comes first then', async () => {
    const { desk, published, counters } = makeDesk({ windowMs: 60_000 });
    const feed = (camera: string): void => desk.arrive(arrive({ camera, deadlineMs: 500 }));
    feed('cam2');
    desk.add(side(), PICTURE);
    await desk.drain();
    clock.pass(60_500);
    feed('cam1');
    clock.pass(1);
    feed('cam1');
    desk.add(top(), PICTURE);
    clock.pass(1);
    feed('cam2');
    desk.add(side(), PICTURE);
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE MISSING_VIEW', 'part-1 PASS MODEL']);
    assert.equal(await countOf(counters, 'views_late'), 1);
  });

  it('is given anew for a part fed again after the clock was set back', async () => {
    const { desk, published, counters } = makeDesk({ windowMs: 60_000 });
    desk.arrive(arrive({ camera: 'cam1' }));
    desk.add(top(), PICTURE);
    await desk.drain();
    clock.pass(61_000);
    clock.setBack(3_600_000);
    desk.arrive(arrive({ camera: 'cam2' }));
    desk.arrive(arrive({ camera: 'cam1' }));
    desk.add(side(), PICTURE);
    desk.add(top(), PICTURE);
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE MISSING_VIEW', 'part-1 PASS MODEL']);
    assert.equal(await countOf(counters, 'views_late'), 0);
  });

  it('is not longer in coming than its window, also where the clock was set back since its first view', async () => {
    const { desk, published } = makeDesk({ windowMs: 20 });
    const first = arrive({ camera: 'cam1' });
    clock.setBack(3_600_000);
    desk.arrive(first);
    desk.add(top(), PICTURE);
    clock.pass(20);
    await nextTurn();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE MISSING_VIEW']);
  });

  it('is of the views of one feeding: a late word on a frame of the one before counts in no later inspection', async () => {
    const { desk, published } = makeDesk();
    desk.arrive(arrive({ camera: 'cam1', frameId: 't1' }));
    desk.arrive(arrive({ camera: 'cam2', frameId: 's1' }));
    desk.add(top({ frameId: 't1' }), PICTURE);
    await desk.drain();
    desk.arrive(arrive({ camera: 'cam1', frameId: 't2' }));
    desk.arrive(arrive({ camera: 'cam2', frameId: 's2' }));
    desk.add(side({ frameId: 's1' }), PICTURE);
    desk.add(top({ frameId: 't2' }), PICTURE);
    assert.equal(published.length, 1);
    desk.add(side({ frameId: 's2', verdict: 'FAIL' }), PICTURE);
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE LATE', 'part-1 FAIL MODEL']);
  });

  it('waits for every frame of it that was accepted: a second picture of a view may be the one that fails', async () => {
    const { desk, published } = makeDesk();
    desk.arrive(arrive({ camera: 'cam1', frameId: 't1' }));
    desk.arrive(arrive({ camera: 'cam1', frameId: 't2' }));
    give(desk, side());
    desk.add(top({ frameId: 't1' }), PICTURE);
    assert.deepEqual(words(published), []);
    desk.add(top({ frameId: 't2', verdict: 'FAIL' }), PICTURE);
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 FAIL MODEL']);
    assert.equal(published[0]?.views[0]?.frameId, 't2');
  });

  it('is no PASS where its window ends before an accepted frame of it has its verdict', async () => {
    const { desk, published } = makeDesk({ windowMs: 20 });
    desk.arrive(arrive({ camera: 'cam1', frameId: 't1' }));
    desk.arrive(arrive({ camera: 'cam1', frameId: 't2' }));
    give(desk, side());
    desk.add(top({ frameId: 't1' }), PICTURE);
    clock.pass(20);
    await nextTurn();
    assert.deepEqual([...words(published), published[0]?.late], ['part-1 INCONCLUSIVE LATE', true]);
  });

  it('is LATE where every view came and one has no verdict in time: no view is missing, and none is said to be', async () => {
    const { desk, published, on, counters } = makeDesk({ windowMs: 20 });
    for (let i = 0; i < 5; i++) {
      const partId = `p${i}`;
      desk.arrive(arrive({ camera: 'cam1', frameId: `t${i}`, partId }));
      desk.arrive(arrive({ camera: 'cam2', frameId: `s${i}`, partId }));
      desk.add(top({ partId, frameId: `t${i}` }), PICTURE);
      clock.pass(20);
    }
    await nextTurn();
    assert.deepEqual(
      published.map(({ verdict, reason, late, views }) => [verdict, reason, late, views[1]?.verdict]),
      Array(5).fill(['INCONCLUSIVE', 'LATE', true, null]),
    );
    assert.deepEqual(on(), []);
    // The part fed again begins with the view that had come.
    desk.arrive(arrive({ camera: 'cam2', frameId: 'again', partId: 'p4' }));
    assert.equal(await countOf(counters, 'views_late'), 0);
    await desk.drain();
  });

  it('promise 12: is marked where one of its views was simulated or a challenge', async () => {
    for (const mark of ['simulated', 'challenge'] as const) {
      const { desk, published, counters } = makeDesk();
      desk.arrive(arrive());
      desk.add(top(), PICTURE);
      give(desk, side({ [mark]: true }));
      await desk.drain();
      const { simulated, challenge, recorded } = published[0] ?? {};
      assert.deepEqual(
        { simulated, challenge, recorded },
        { simulated: false, challenge: false, recorded: true, [mark]: true },
      );
      assert.equal(await countOf(counters, 'parts_apart'), 1);
    }
  });

  it('promise 12: is marked as its frames were where no view had a verdict in time', async () => {
    for (const mark of ['simulated', 'challenge'] as const) {
      const { desk, published } = makeDesk();
      desk.arrive(arrive());
      desk.arrive(arrive({ camera: 'cam2', [mark]: true }));
      await desk.drain();
      assert.equal(published[0]?.[mark], true);
    }
  });

  it('promise 12: is marked where one picture of a view was, though another one of it counts', async () => {
    const { desk, published } = makeDesk();
    give(desk, top({ verdict: 'FAIL' }));
    give(desk, top({ frameId: 't2', verdict: 'FAIL', challenge: true }));
    give(desk, side());
    await desk.drain();
    assert.deepEqual([words(published), published[0]?.challenge], [['part-1 FAIL MODEL'], true]);
  });

  it('promise 12: is no PASS while one of its cameras is held, though what that one saw passed before', async () => {
    for (const [reason, expected] of [
      ['CHALLENGE', 'CHALLENGE'],
      ['CHANGEOVER', 'NO_RECIPE'],
    ] as const) {
      const holds = new Holds(async () => undefined);
      const { desk, published } = makeDesk({ holds });
      give(desk, top());
      desk.arrive(arrive({ camera: 'cam2' }));
      await holds.set('cam1', reason, 'taken off the line');
      desk.add(side(), PICTURE);
      give(desk, top({ partId: 'bad', verdict: 'FAIL' }));
      give(desk, side({ partId: 'bad' }));
      await holds.clear('cam1', reason);
      for (const view of [top, side]) give(desk, view({ partId: 'next' }));
      await desk.drain();
      assert.deepEqual(words(published), [`part-1 INCONCLUSIVE ${expected}`, 'bad FAIL MODEL', 'next PASS MODEL']);
    }
  });

  it('promise 12: is no PASS where one of its cameras is held while it is recorded', async () => {
    const holds = new Holds(async () => undefined);
    const overtaken: string[] = [];
    const ledger = deskLedger();
    const { desk, published } = makeDesk({
      holds,
      ledger: {
        ...ledger,
        closePart: async (part) => {
          assert.equal(part.verdict, 'PASS');
          await holds.set('cam2', 'CHALLENGE', 'a challenge part passed');
          return 'recorded';
        },
        overtake: async ({ verdict, reason }) => void overtaken.push(`${verdict} ${reason}`),
      },
    });
    give(desk, top());
    give(desk, side());
    await desk.drain();
    assert.deepEqual([words(published), overtaken], [['part-1 INCONCLUSIVE CHALLENGE'], ['INCONCLUSIVE CHALLENGE']]);
  });

  it('is not given where the gate acts on the cameras: their frames are of no part, and none is missing', async () => {
    const { desk, steps, counters } = makeDesk({ plan: null });
    desk.arrive(arrive());
    desk.add(top(), PICTURE);
    await desk.drain();
    assert.deepEqual(steps, []);
    assert.equal(await countOf(counters, 'frames_of_no_part'), 0);
  });

  it('is given once for a view that comes too late, of the last 10,000 parts: memory has a bound', async () => {
    const { desk, counters, steps } = makeDesk();
    const end = async (...partIds: string[]): Promise<void> => {
      for (const partId of partIds) desk.arrive(arrive({ partId, frameId: partId }));
      await desk.drain();
    };
    const late = (): void => desk.arrive(arrive({ partId: 'oldest', camera: 'cam2' }));
    await end('oldest', ...Array.from({ length: 9_999 }, (_, i) => `part-${i}`));
    late();
    assert.equal(await countOf(counters, 'views_late'), 1);
    await end('one more');
    late();
    await desk.drain();
    assert.equal(await countOf(counters, 'views_late'), 1);
    assert.equal(steps.filter((step) => step === 'open oldest').length, 2);
  });

  it('is FAIL where the view that is there failed and another is missing', async () => {
    const { desk, published } = makeDesk();
    desk.arrive(arrive());
    desk.add(top({ verdict: 'FAIL' }), PICTURE);
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 FAIL MODEL']);
  });

  it('is in time when its window is over and a view is missing: FAIL is the one word, and the view is counted', async () => {
    const { desk, steps, published, counters } = makeDesk({ windowMs: 20, recordMs: 40 });
    give(desk, top({ verdict: 'FAIL' }));
    clock.pass(20);
    await nextTurn();
    assert.deepEqual([...words(published), published[0]?.late], ['part-1 FAIL MODEL', false]);
    assert.deepEqual(steps, ['open part-1', 'close part-1', 'publish part-1']);
    assert.equal(await countOf(counters, 'views_missing'), 1);
    assert.equal(await countOf(counters, 'parts_late'), 0);
  });

  it('is given again for a part that comes again', async () => {
    const { desk, published } = makeDesk();
    for (const pass of [1, 2]) {
      desk.arrive(arrive({ frameId: `t${pass}` }));
      desk.add(top({ frameId: `t${pass}` }), PICTURE);
      give(desk, side({ frameId: `s${pass}` }));
    }
    await desk.drain();
    assert.deepEqual(
      published.map(({ inspection }) => inspection),
      ['part-t1', 'part-t2'],
    );
  });

  it('stays the one of its part where a view is sent again, and its window was over when it came', async () => {
    const { desk, published, counters } = makeDesk();
    give(desk, top());
    give(desk, side());
    const receivedTs = new Date().toISOString();
    desk.arrive(arrive({ frameId: 'derived-2', receivedTs, validUntil: receivedTs }));
    desk.add(top({ frameId: 'derived-2', verdict: 'INCONCLUSIVE', reason: 'LATE' }), PICTURE);
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 PASS MODEL']);
    assert.equal(await countOf(counters, 'views_late'), 1);
  });

  it('stays the one of its part over a restart, also where a crash left it without that view; fed again it is inspected again', async () => {
    const closed = (partId: string, views: string[], agoMs: number) => ({
      partId,
      views,
      validUntil: new Date(Date.now() - agoMs).toISOString(),
    });
    const lastParts = async () => [
      closed('part-1', [], 500),
      closed('part-1', ['top'], 400),
      closed('p2', ['top'], 600),
    ];
    const { desk, published, counters } = makeDesk({ ledger: { ...deskLedger(), lastParts } });
    await desk.recover();
    give(desk, side());
    await desk.drain();
    assert.deepEqual([words(published), await countOf(counters, 'views_late')], [[], 1]);
    give(desk, top());
    give(desk, side({ frameId: 's2' }));
    give(desk, side({ frameId: 's3', partId: 'p2' }));
    await desk.drain();
    assert.deepEqual(
      words(published),
      ['part-1 PASS MODEL', 'p2 INCONCLUSIVE MISSING_VIEW'],
      'p2 came long after its window',
    );
  });

  it('is never PASS for views that came too late', async () => {
    const { desk, steps, published } = makeDesk();
    desk.arrive(arrive({ validUntil: new Date(Date.now() - 120_000).toISOString() }));
    desk.add(top(), PICTURE);
    clock.work(1);
    give(desk, side());
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE LATE']);
    assert.deepEqual(steps, ['open part-1', 'close part-1', 'publish part-1'], 'recorded as the gate heard it');
  });

  it('is late for the gate and the record where the window ends while it is recorded', async () => {
    const { desk, steps, published, shown, watched, counters } = makeDesk({ windowMs: 20, recordMs: 40 });
    desk.arrive(arrive());
    desk.add(top(), PICTURE);
    give(desk, side());
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE LATE']);
    assert.deepEqual(steps, ['open part-1', 'close part-1', 'publish part-1', 'overtaken LATE']);
    assert.deepEqual([shown, watched], [published, published], 'page and alarms count what the gate heard');
    for (const name of ['part_verdicts', 'parts_late', 'parts_overtaken'] as const)
      assert.equal(await countOf(counters, name), 1);
  });

  it('is late for the record too where the ledger refuses that at first', async () => {
    const answers = ['refused', 'recorded'];
    const { desk, steps } = makeDesk({
      windowMs: 20,
      ledger: {
        openPart: async () => undefined,
        closePart: async () => {
          clock.pass(40);
          return 'recorded';
        },
        overtake: async ({ reason }) => {
          steps.push(`overtaken ${reason}`);
          if (answers.shift() === 'refused') throw new DependencyError('LEDGER_WRITE', 'disk full');
        },
        openParts: async () => [],
        lastParts: async () => [],
      },
    });
    desk.arrive(arrive());
    desk.add(top(), PICTURE);
    give(desk, side());
    await desk.drain();
    assert.deepEqual(steps, ['publish part-1', 'overtaken LATE', 'refused LEDGER_WRITE', 'overtaken LATE']);
  });

  it('is heard and recorded where the page breaks, and that is told and counted', async () => {
    const errors: unknown[] = [];
    const { desk, steps, counters } = makeDesk({
      board: { showPart: () => assert.fail('a bug of the page') },
      reporter: { internalError: (error) => void errors.push(error) },
    });
    desk.arrive(arrive());
    desk.add(top(), PICTURE);
    give(desk, side());
    await desk.drain();
    assert.deepEqual(steps, ['open part-1', 'close part-1', 'publish part-1']);
    assert.deepEqual([errors.length, await countOf(counters, 'internal_errors')], [1, 1]);
  });

  it('a view is told by its frame where one camera takes several', async () => {
    const views = ['front', 'back'].map((view) => ({ view, camera: 'cam1' }));
    const { desk, published, counters } = makeDesk({ plan: { views, windowMs: 60_000 } });
    desk.arrive(arrive({ view: 'front' }));
    desk.add(top({ view: 'front' }), PICTURE);
    desk.arrive(arrive({ view: 'nobody knows this one', frameId: 'n' }));
    desk.add(top({ view: 'nobody knows this one', frameId: 'n', verdict: 'FAIL' }), PICTURE);
    give(desk, top({ view: 'back', frameId: 'b' }));
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 PASS MODEL']);
    assert.equal(await countOf(counters, 'frames_of_no_part'), 1);
  });

  it('is INCONCLUSIVE for gate, page, alarms and counters at once where the ledger refuses, and the record follows', async () => {
    const closed: PartVerdict[] = [];
    let isBack = false;
    const { desk, published, shown, watched, counters } = makeDesk({
      ledger: {
        openPart: async () => undefined,
        overtake: async () => assert.fail('not foreseen'),
        openParts: async () => [],
        lastParts: async () => [],
        closePart: async (part) => {
          if (!isBack) throw new DependencyError('LEDGER_WRITE', 'disk full');
          closed.push(part);
          return 'recorded';
        },
      },
    });
    give(desk, top());
    give(desk, side());
    await until(() => published.length > 0, 'a word for the gate');
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE INTERNAL']);
    assert.deepEqual([published[0]?.recorded, published[0]?.late], [false, false]);
    assert.deepEqual([shown, watched], [published, published]);
    assert.equal(await countOf(counters, 'parts_unrecorded'), 1);
    assert.equal(await countOf(counters, 'part_verdicts'), 1);
    assert.deepEqual(closed, []);
    isBack = true;
    await until(() => closed.length > 0, 'the record');
    const [{ verdict, historical } = assert.fail()] = closed;
    assert.deepEqual([verdict, historical], ['INCONCLUSIVE', true]);
    assert.deepEqual([shown.length, await countOf(counters, 'part_verdicts')], [1, 1]);
  });

  it('that a slow disk refuses when the window is over is late too', async () => {
    const { desk, published, counters } = makeDesk({
      windowMs: 20,
      ledger: {
        openPart: async () => undefined,
        overtake: async () => assert.fail('not foreseen'),
        openParts: async () => [],
        lastParts: async () => [],
        closePart: async () => {
          if (published.length > 0) return 'recorded';
          clock.pass(40);
          throw new DependencyError('LEDGER_WRITE', 'disk full');
        },
      },
    });
    give(desk, top());
    give(desk, side());
    await until(() => published.length > 0, 'a word for the gate');
    assert.deepEqual([...words(published), published[0]?.late], ['part-1 INCONCLUSIVE INTERNAL', true]);
    assert.equal(await countOf(counters, 'parts_late'), 1);
  });

  for (const [plan, expected] of [
    [VIEWS, ['top cam1 t PASS', 'side cam2 s INCONCLUSIVE']],
    [
      [{ view: 'side', camera: 'cam2' }, ...[{ view: 'end', camera: 'cam3' }]],
      ['side cam2 s INCONCLUSIVE', 'end cam3 - -'],
    ],
    [null, ['cam1 cam1 t PASS', 'side cam2 s INCONCLUSIVE']],
  ] as const) {
    const what = plan === null ? 'no parts' : plan.map(({ view }) => view).join(' and ');
    it(`a part that a crash left open is closed as INTERRUPTED, with what each view showed, where there is now ${what}`, async () => {
      const closed: PartVerdict[] = [];
      const arrival: PartArrival = {
        inspection: 'part-t',
        partId: 'old',
        lot: null,
        firstTs: '2026-01-02T03:04:05.006Z',
        validUntil: '2026-01-02T03:04:06.006Z',
        deadlineMs: 1_000,
      };
      const frames = [top(), side({ view: 'side', verdict: 'INCONCLUSIVE', reason: 'INTERRUPTED', challenge: true })];
      const { desk } = makeDesk({
        plan: plan && { views: plan, windowMs: 60_000 },
        ledger: {
          openPart: async () => undefined,
          overtake: async () => assert.fail('not foreseen'),
          openParts: async () => [{ arrival, frames }],
          lastParts: async () => [],
          closePart: async (part) => {
            closed.push(part);
            return 'recorded';
          },
        },
      });
      await desk.recover();
      assert.deepEqual(words(closed), ['old INCONCLUSIVE INTERRUPTED']);
      const [{ views, challenge, simulated } = assert.fail()] = closed;
      const told = views.map(
        ({ view, camera, frameId, verdict }) => `${view} ${camera} ${frameId ?? '-'} ${verdict ?? '-'}`,
      );
      assert.deepEqual(told, expected);
      assert.deepEqual([challenge, simulated], [true, false], 'promise 12: counted apart');
    });
  }
});

describe('a part between two change-overs', () => {
  it('is no PASS: one camera judged it by the recipe before, the other by the next', async () => {
    const { desk, published, counters } = makeDesk();
    give(desk, top({ recipe: 'board' }));
    give(desk, side({ recipe: 'chip' }));
    for (const camera of ['cam1', 'cam2'] as const)
      give(desk, (camera === 'cam1' ? top : side)({ partId: 'next', recipe: 'board' }));
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE RECIPES_DIFFER', 'next PASS MODEL']);
    assert.match(await counters.print(), /part_verdicts_total\{verdict="INCONCLUSIVE",reason="RECIPES_DIFFER"\} 1/);
  });

  it('is none either where the camera photographs it again by the next recipe', async () => {
    const { desk, published } = makeDesk();
    desk.arrive(arrive({ camera: 'cam1', frameId: 't' }));
    desk.arrive(arrive({ camera: 'cam1', frameId: 't2' }));
    desk.add(top({ recipe: 'chip' }), PICTURE);
    desk.add(top({ frameId: 't2', recipe: 'board' }), PICTURE);
    give(desk, side({ recipe: 'chip' }));
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE RECIPES_DIFFER']);
  });

  it('stays FAIL where a view failed, and MISSING_VIEW where one did not come', async () => {
    const { desk, published } = makeDesk();
    give(desk, top({ recipe: 'board', verdict: 'FAIL' }));
    give(desk, side({ recipe: 'chip' }));
    give(desk, top({ partId: 'half', recipe: 'board' }));
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 FAIL MODEL', 'half INCONCLUSIVE MISSING_VIEW']);
  });

  it('passes where one product has the recipe of every view, and not where one camera is at another product', async () => {
    const { desk, published } = makeDesk({ recipes: new Recipes(BOARDS_AND_LIDS) });
    for (const [partId, first, second] of [
      ['board', 'board-top', 'board-side'],
      ['lid', 'lid-top', 'lid-side'],
      ['mixed', 'lid-top', 'board-side'],
      ['shared', 'lid-top', 'any-side'],
      ['unknown', 'board-top', 'cake'],
    ] as const) {
      give(desk, top({ partId, recipe: first }));
      give(desk, side({ partId, recipe: second }));
    }
    await desk.drain();
    assert.deepEqual(words(published), [
      'board PASS MODEL',
      'lid PASS MODEL',
      'mixed INCONCLUSIVE RECIPES_DIFFER',
      'shared PASS MODEL',
      'unknown INCONCLUSIVE RECIPES_DIFFER',
    ]);
  });

  it('is held to one product over all of its views, not to one for each two of them', async () => {
    const views = [...VIEWS, { view: 'end', camera: 'cam3' }];
    const { desk, published } = makeDesk({ recipes: new Recipes(BOARDS_AND_LIDS), plan: { views, windowMs: 60_000 } });
    give(desk, top({ recipe: 'any-side' }));
    give(desk, side({ recipe: 'board-side' }));
    give(desk, makeVerdict({ camera: 'cam3', frameId: 'e', verdict: 'PASS', recipe: 'lid-top' }));
    await desk.drain();
    assert.deepEqual(words(published), ['part-1 INCONCLUSIVE RECIPES_DIFFER']);
  });

  it('is told when there are five in a row, until one is judged by one recipe', () => {
    const { desk, alarms, on } = makeDesk();
    const part = (i: number, recipe: string): void => {
      give(desk, top({ partId: `part-${i}`, recipe: 'board' }));
      give(desk, side({ partId: `part-${i}`, recipe }));
    };
    for (const i of [1, 2, 3, 4]) part(i, 'chip');
    assert.deepEqual(on(), []);
    part(5, 'chip');
    assert.deepEqual(on(), ['RECIPES_DIFFER -']);
    assert.match(alarms.active[0]?.message ?? '', /the last cam1 by board, cam2 by chip\. Change over/);
    part(6, 'board');
    assert.deepEqual(on(), []);
  });
});

describe('a station whose parts lack views', () => {
  it('says which after five parts in a row, until a part is whole', () => {
    const { desk, alarms, on } = makeDesk({ windowMs: 1_000 });
    const part = (i: number, isWhole: boolean): void => {
      const partId = `part-${i}`;
      desk.arrive(arrive({ partId, camera: 'cam1', frameId: `t${i}` }));
      desk.add(top({ partId, frameId: `t${i}` }), PICTURE);
      if (isWhole) give(desk, side({ partId }));
      clock.pass(1_000);
    };
    for (const i of [1, 2, 3, 4]) part(i, false);
    part(5, true);
    for (const i of [6, 7, 8, 9]) part(i, false);
    assert.deepEqual(on(), []);
    part(10, false);
    assert.deepEqual(on(), ['MISSING_VIEW -']);
    assert.match(alarms.active[0]?.message ?? '', /the last side \(cam2\)\./);
    part(11, true);
    assert.deepEqual(on(), []);
  });

  it('says so of a camera of theirs whose frames name no part, or a view it has not', async () => {
    const { desk, on } = makeDesk();
    const strays = [{ partId: null }, { view: 'bottom' }];
    const send = (camera: string, over: Partial<Arrival>): void => desk.arrive(arrive({ camera, ...over }));
    for (let i = 0; i < 4; i++) send('cam1', strays[i % 2] ?? {});
    for (let i = 0; i < 9; i++) send('cam3', { partId: null });
    assert.deepEqual(on(), []);
    send('cam1', { partId: null });
    assert.deepEqual(on(), ['NO_PART cam1']);
    send('cam1', { view: 'top' });
    assert.deepEqual(on(), []);
    await desk.drain();
  });
});
