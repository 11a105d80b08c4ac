import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DependencyError } from '#contracts';
import { makeCameraState } from '../../../../test/factories/live.js';
import { countOf } from '../../../../test/factories/metrics.js';
import { Alarms } from '../state/alarms.js';
import { Counters } from './counters.js';
import { Reporter } from './reporter.js';

function makeReporter() {
  const logged: string[] = [];
  const told: unknown[] = [];
  const log = (event: string, { message }: Readonly<Record<string, unknown>> = {}): void => {
    logged.push(event);
    told.push(message);
  };
  const alarms = new Alarms({ inspectorId: 'i1', bootId: 'b1', ownerOf: () => null, onAlert: () => undefined });
  const counters = new Counters();
  const reporter = new Reporter({ log: { info: log, warn: log, error: log }, counters, alarms });
  return {
    reporter,
    alarms,
    counters,
    logged,
    told,
    on: () => alarms.active.map(({ code, message }) => `${code} ${message}`),
  };
}

const refused = (recipe: string) =>
  ({ event: 'model-refused', recipe, modelId: 'm4', code: 'GOLDEN_CHECK', message: 'It differs.' }) as const;

describe('MODEL_REFUSED', () => {
  it('is on as long as the model of any recipe is refused, and says of which', () => {
    const { reporter, on, logged } = makeReporter();
    reporter.model(refused('r1'));
    reporter.model({ event: 'model-live', recipe: 'r2', modelId: 'm5', by: 'Ada' });
    assert.deepEqual(on(), ['MODEL_REFUSED Recipe r1: GOLDEN_CHECK: It differs.']);
    reporter.model(refused('r2'));
    assert.deepEqual(on(), ['MODEL_REFUSED Recipe r1: GOLDEN_CHECK: It differs. Recipe r2: GOLDEN_CHECK: It differs.']);
    reporter.model({ event: 'refusal-over', recipe: 'r1' });
    assert.deepEqual(on(), ['MODEL_REFUSED Recipe r2: GOLDEN_CHECK: It differs.']);
    reporter.model({ event: 'refusal-over', recipe: 'r2' });
    assert.deepEqual(on(), []);
    assert.deepEqual(logged, ['model-refused', 'model-live', 'model-refused', 'refusal-over', 'refusal-over']);
  });

  it('was seen by nobody where another recipe joins in', () => {
    const { reporter, alarms } = makeReporter();
    reporter.model(refused('r1'));
    alarms.acknowledge({ code: 'MODEL_REFUSED', camera: null, by: 'Ada' });
    reporter.model({ ...refused('r1'), code: 'MODEL_HASH' });
    assert.equal(alarms.active[0]?.acknowledged?.by, 'Ada');
    reporter.model(refused('r2'));
    assert.equal(alarms.active[0]?.acknowledged, null);
  });
});

describe('a frame that nobody could judge', () => {
  it('is told in the log in words, of each camera and fault one a minute', () => {
    const told: unknown[] = [];
    const silent = () => undefined;
    const warn = (event: string, fields = {}) => void told.push({ event, ...fields });
    const alarms = new Alarms({ inspectorId: 'i1', bootId: 'b1', ownerOf: () => null, onAlert: silent });
    const reporter = new Reporter({ log: { info: silent, warn, error: silent }, counters: new Counters(), alarms });
    const refuse = (frameId: string, nowMs: number, camera = 'cam1') =>
      reporter.frameRefused({ camera, frameId }, { reason: 'FRAME_METADATA', message: '`seq`: no number' }, nowMs);
    refuse('f1', 0);
    refuse('f2', 59_999);
    refuse('f3', 59_999, 'cam2');
    refuse('f4', 60_000);
    const line = { event: 'frame-refused', reason: 'FRAME_METADATA', message: '`seq`: no number' };
    assert.deepEqual(told, [
      { ...line, camera: 'cam1', frameId: 'f1' },
      { ...line, camera: 'cam2', frameId: 'f3' },
      { ...line, camera: 'cam1', frameId: 'f4' },
    ]);
  });

  it('is told also where another fault of the same reason was told a moment before, up to five a minute', () => {
    const { reporter, told } = makeReporter();
    const refuse = (message: string, nowMs: number) =>
      reporter.frameRefused({ camera: 'cam1', frameId: 'f1' }, { reason: 'FRAME_METADATA', message }, nowMs);
    for (const message of ['`seq` 7', '`seq` 12', '`lot`']) refuse(message, 0);
    assert.deepEqual(told, ['`seq` 7', '`lot`']);
    for (const letter of 'abcdef') refuse(`frameId ${letter}`, 59_999);
    assert.deepEqual(told.slice(2), ['frameId a', 'frameId b', 'frameId c']);
    refuse('`seq` 7', 60_000);
    assert.equal(told.length, 6);
  });
});

describe('PICTURES_LOST', () => {
  it('is on from the first picture lost to the first one kept after 10 s without a loss; the log hears of changes', async () => {
    const { reporter, counters, on, logged } = makeReporter();
    reporter.picture(null, 0);
    for (const atMs of [1_000, 1_100, 5_000]) reporter.picture('pictures takes no pictures: EACCES', atMs);
    reporter.picture(null, 14_999);
    reporter.picturesPruned(7, null);
    assert.deepEqual(on(), [
      'PICTURES_LOST Pictures of parts are lost: pictures takes no pictures: EACCES. Check the folder and its disk.',
    ]);
    reporter.picture(null, 15_000);
    reporter.picture(null, 15_001);
    assert.deepEqual(on(), []);
    assert.deepEqual(
      logged.filter((event) => event !== 'pictures-pruned'),
      ['pictures-lost', 'pictures-kept-again'],
    );
    assert.equal(await countOf(counters, 'pictures_lost'), 3);
    assert.equal(await countOf(counters, 'pictures_kept'), 4);
    assert.equal(await countOf(counters, 'pictures_pruned'), 7);
  });
});

describe('what goes wrong beside the road', () => {
  const away = new DependencyError('AWAY', 'It is away.');
  const once: [event: string, tell: (reporter: Reporter) => void][] = [
    ['broker-down', (reporter) => reporter.brokerDown(away)],
    ['ingest-down', (reporter) => reporter.ingestDown(away)],
    ['worker-lost', (reporter) => reporter.workerLost(away)],
    ['plant-anew', (reporter) => reporter.plantAnew(7)],
    ['watchdog-silent', (reporter) => reporter.watchdogSilent('no proof')],
    ['records-delayed', (reporter) => reporter.recordsDelayed(away)],
    ['pruning-failed', (reporter) => reporter.pruningFailed('no folder')],
    ['setting-unwritten', (reporter) => reporter.settingUnwritten(away)],
    ['ledger-refused', (reporter) => reporter.ledgerRefused(away, 'f1')],
    ['internal-error', (reporter) => reporter.internalError(away, 'f1')],
    ['http-error', (reporter) => reporter.httpError(away)],
    ['recovered', (reporter) => reporter.recovered(2)],
    [
      'command',
      (reporter) => reporter.command({ camera: 'cam1', command: 'rollback', ok: false, code: 'AWAY', message: '' }),
    ],
  ];
  for (const [event, tell] of once) {
    it(`is in the log by its name: ${event}`, () => {
      const { reporter, logged } = makeReporter();
      tell(reporter);
      assert.deepEqual(logged, [event]);
    });
  }

  it('is an alarm as long as it lasts: plant database, overload, a disk full of rejects, a camera', () => {
    const { reporter, logged, on } = makeReporter();
    const codes = (): string[] => on().map((alarm) => alarm.split(' ')[0] ?? '');
    reporter.plant(away);
    reporter.overload('cam1', true);
    reporter.picturesPruned(0, []);
    reporter.clockLeap(365);
    reporter.cameraState(makeCameraState({ state: 'NOT_READY', reason: 'LEDGER', detail: 'full' }));
    assert.deepEqual(codes(), ['PLANT', 'OVERLOAD', 'PICTURES', 'CLOCK_LEAP', 'NOT_READY']);
    reporter.plant(null);
    reporter.overload('cam1', false);
    reporter.picturesPruned(0, null);
    reporter.clockLeap(null);
    reporter.cameraState(makeCameraState());
    assert.deepEqual(codes(), []);
    assert.deepEqual(logged, ['plant-away', 'camera-state', 'plant-back', 'camera-state']);
    for (const reason of ['STARTING', 'STOPPING'] as const)
      reporter.cameraState(makeCameraState({ state: 'NOT_READY', reason, detail: '' }));
    assert.deepEqual(codes(), [], 'nobody has to act');
  });
});

describe('PICTURES', () => {
  it('says what is left and what may be done; also where old ones cannot be taken off, until they can', async () => {
    const { reporter, counters, on } = makeReporter();
    reporter.picturesPruned(0, []);
    assert.deepEqual(on(), [
      'PICTURES The disk is almost full and only pictures of rejects are left. Free space, or give rejects an age.',
    ]);
    reporter.picturesPruned(0, ['L7', 'L8']);
    assert.match(on()[0] ?? '', /rejects and of lots on hold \(L7, L8\) are left\. .*, or release a lot\.$/);
    reporter.pruningFailed('EACCES: permission denied');
    assert.match(on()[0] ?? '', /^PICTURES Taking old pictures off the disk failed: EACCES/);
    assert.equal(await countOf(counters, 'pruning_failures'), 1);
    reporter.picturesPruned(3, null);
    assert.deepEqual(on(), []);
  });
});

describe('accepted frames that are neither closed nor open', () => {
  it('are told and counted', async () => {
    const { reporter, counters, logged } = makeReporter();
    reporter.imbalance({ accepted: 9, closed: 7, open: 1 });
    assert.deepEqual(logged, ['imbalance']);
    assert.equal(await countOf(counters, 'balance_errors'), 1);
  });
});

describe('a camera that is not ready', () => {
  it('asks to be seen again when the reason is another one', () => {
    const { reporter, alarms } = makeReporter();
    const seenBy = (): string | undefined => alarms.active[0]?.acknowledged?.by;
    const notReady = { state: 'NOT_READY' } as const;
    reporter.cameraState(makeCameraState({ ...notReady, reason: 'CHALLENGE', detail: 'one passed' }));
    alarms.acknowledge({ code: 'NOT_READY', camera: 'cam1', by: 'Ada' });
    reporter.cameraState(makeCameraState({ ...notReady, reason: 'CHALLENGE', detail: 'another passed' }));
    assert.equal(seenBy(), 'Ada');
    reporter.cameraState(makeCameraState({ ...notReady, reason: 'BROKER', detail: 'away' }));
    assert.equal(seenBy(), undefined);
  });
});

describe('SEQUENCE', () => {
  it('is on while a camera counts below a number it has passed before', () => {
    const { reporter, on } = makeReporter();
    reporter.setBack('cam1', null);
    reporter.setBack('cam1', 900);
    assert.match(on().join(), /^SEQUENCE .* from below 900 again.* bootId/);
    reporter.setBack('cam1', null);
    assert.deepEqual(on(), []);
  });
});
