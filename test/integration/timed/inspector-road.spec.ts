import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import sharp from 'sharp';
import type { Reason } from '#contracts';
import { redPicture, tinyScore } from '../../factories/artefact.js';
import { readMetric, startTestInspector } from '../../factories/inspector.js';
import { startMosquitto } from '../../factories/mosquitto.js';
import { connectPlc } from '../../factories/plc.js';
import { requireTool } from '../../factories/tools.js';

const mosquitto = requireTool('mosquitto');
const FAST = { config: ['set_tcp_nodelay true'] };

describe('every frame behind mosquitto', { skip: mosquitto.skip, timeout: 300_000 }, () => {
  it('promise 1: 200 frames in, 200 verdicts, 200 records, 200 rows; duplicates get the first verdict; gaps are listed', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const inspector = await startTestInspector({ broker: broker.url, cameras: ['cam1', 'cam2'] });
    await plc.untilReady('cam1');
    await plc.untilReady('cam2');
    const reds = [40, 90, 127, 170, 220];
    const pictures = await Promise.all(reds.map((red) => redPicture(red)));
    const pictureOf = (i: number): Buffer => pictures[i % reds.length] ?? Buffer.alloc(0);
    for (let i = 0; i < 200; i++) {
      // The last two frames of cam1 come after a hole of two.
      const seq = String((i >> 1) + (i >= 196 && i % 2 === 0 ? 2 : 0));
      await plc.send(pictureOf(i), { frameId: `f${i}`, partId: `p${i}`, seq, bootId: 'b1' }, `cam${1 + (i % 2)}`);
    }
    await plc.until(() => plc.verdicts.length >= 200 && plc.records.length >= 200, '200 verdicts and records');
    for (const said of [plc.verdicts, plc.records]) assert.equal(new Set(said.map(({ frameId }) => frameId)).size, 200);
    for (const { frameId, score, verdict, partId } of plc.verdicts) {
      const i = Number(frameId.slice(1));
      const red = reds[i % reds.length] ?? 0;
      assert.ok(Math.abs((score ?? -1) - tinyScore(red)) < 1e-4, `score of ${frameId}`);
      assert.equal(verdict, red < 120 ? 'PASS' : red < 140 ? 'INCONCLUSIVE' : 'FAIL');
      assert.equal(partId, `p${i}`);
    }
    // Again by id, and by sequence number under another id and with another picture, which nobody looks at.
    await plc.send(pictureOf(190), { frameId: 'f190', seq: '95', bootId: 'b1' });
    await plc.send(pictureOf(4), { frameId: 'renamed', seq: '95', bootId: 'b1' });
    await plc.until(() => plc.verdicts.length === 202, 'two verdicts again');
    const [first, ...again] = plc.verdicts.filter(({ frameId }) => frameId === 'f190');
    assert.equal(again.length, 2);
    for (const verdict of again) assert.deepEqual({ ...verdict, latencyMs: null }, { ...first, latencyMs: null });
    assert.equal(plc.records.length, 200);
    assert.equal(await readMetric(inspector, 'frames_accepted_total'), 200);
    assert.equal(await readMetric(inspector, 'frames_duplicate_total'), 2);
    assert.equal(await readMetric(inspector, 'frames_missing_total'), 2);
    await inspector.stop();
    assert.equal(await inspector.plantRows(), 200);
    assert.deepEqual(await inspector.plantGaps(), [{ camera: 'cam1', firstSeq: 98, lastSeq: 99 }]);
  });

  it('promise 7: what does not fit the queue is INCONCLUSIVE(OVERLOAD) at once, with an alarm, and the line recovers', async () => {
    const broker = await startMosquitto(mosquitto, FAST);
    const plc = await connectPlc(broker.url);
    const inspector = await startTestInspector({ broker: broker.url, over: { queue: { maxFrames: 4 } } });
    await plc.untilReady();
    const big = await sharp(await redPicture(60))
      .resize(2_500, 2_500)
      .png()
      .toBuffer();
    await Promise.all(Array.from({ length: 60 }, (_, i) => plc.send(big, { frameId: `f${i}` })));
    await plc.untilClosed(60);
    const overloaded = plc.verdicts.filter(({ reason }) => reason === 'OVERLOAD');
    assert.ok(overloaded.length > 0 && overloaded.length < 60, `${overloaded.length} of 60 overloaded`);
    assert.ok(plc.verdicts.every(({ reason }) => reason === 'OVERLOAD' || reason === 'MODEL'));
    await plc.untilAlert('OVERLOAD');
    await plc.send(await redPicture(60), { frameId: 'afterwards' });
    await plc.untilClosed(61);
    assert.equal(plc.verdictOf('afterwards').verdict, 'PASS');
    assert.equal(await readMetric(inspector, 'queue_frames'), 0);
  });
});

describe('one inspector behind mosquitto', { skip: mosquitto.skip, timeout: 300_000 }, async () => {
  // Here and not in `before`: what is started ends with the suite it is started in.
  const broker = await startMosquitto(mosquitto, FAST);
  const first = await connectPlc(broker.url);
  await first.retain(await redPicture(60), 'cam2');
  const inspector = await startTestInspector({
    broker: broker.url,
    cameras: ['cam1', 'cam2'],
    // The window of recipe `gone` is over when a frame arrives.
    recipes: { chip: 5_000, gone: 1_000 },
    over: {
      broker: { transportAllowanceMs: 1_000 },
      inference: { workers: 1, maxPixels: 100_000 },
      queue: { maxFrameBytes: 50_000 },
    },
  });
  await first.untilReady('cam1');
  await first.untilReady('cam2');

  it('never inspects a retained frame', async () => {
    assert.equal(await readMetric(inspector, 'frames_retained_total'), 1);
    assert.equal(await readMetric(inspector, 'frames_accepted_total'), 0);
  });

  it('promise 1: two cameras that use one frameId are two frames; the second is no duplicate', async () => {
    const plc = await connectPlc(broker.url);
    await plc.send(await redPicture(60), { frameId: 'same' }, 'cam1');
    await plc.send(await redPicture(200), { frameId: 'same' }, 'cam2');
    await plc.untilClosed(2);
    const second = plc.verdicts.find(({ camera }) => camera === 'cam2');
    assert.equal(second?.reason, 'FRAME_METADATA');
    assert.equal(second?.identity, 'derived');
  });

  it('reads the envelope of 3.1.1 clients and gives bare pictures a derived id', async () => {
    const plc = await connectPlc(broker.url, { protocolVersion: 4 });
    const said = { frameId: 'in-envelope', partId: 'SN1', lot: 'L1', seq: 3, bootId: 'b' };
    await plc.sendEnvelope(await redPicture(60), said);
    await plc.send(await redPicture(60), null);
    await plc.send(await redPicture(60), null);
    await plc.untilClosed(3);
    const { verdict, partId, lot, seq, identity } = plc.verdictOf('in-envelope');
    assert.deepEqual([verdict, partId, lot, seq, identity], ['PASS', 'SN1', 'L1', 3, 'given']);
    const derived = plc.verdicts.filter((each) => each.identity === 'derived');
    assert.equal(new Set(derived.map(({ frameId }) => frameId)).size, 2);
    assert.ok(derived.every(({ frameId }) => frameId.startsWith('derived-')));
  });

  it('promise 10: bad input is INCONCLUSIVE with its reason and the process survives', async () => {
    const plc = await connectPlc(broker.url);
    const picture = await redPicture(60);
    const cutHeader = Buffer.concat([Buffer.from('LSF1'), Buffer.from([0, 0, 0, 9]), Buffer.from('{"seq":')]);
    const animated = await sharp([await redPicture(60), await redPicture(200)], { join: { animated: true } })
      .webp()
      .toBuffer();
    const cases: [string, Uint8Array, Reason][] = [
      ['empty', Buffer.alloc(0), 'FRAME_DECODE'],
      ['text', Buffer.from('not a picture'), 'FRAME_DECODE'],
      ['truncated', picture.subarray(0, picture.length >> 1), 'FRAME_DECODE'],
      ['animated', animated, 'FRAME_DECODE'],
      ['bomb', await redPicture(60, { width: 400, height: 400 }), 'FRAME_TOO_LARGE'],
      ['huge', Buffer.alloc(60_000), 'FRAME_TOO_LARGE'],
      ['broken-header', cutHeader, 'FRAME_METADATA'],
    ];
    for (const [name, bytes] of cases) await plc.send(bytes, { partId: name });
    await plc.send(picture, { partId: 'bad-sequence', seq: 'seven' });
    await plc.send(picture, { partId: 'other-recipe', recipe: 'unknown' });
    await plc.send(picture, { partId: 'fine' });
    await plc.untilClosed(cases.length + 3);
    const expected = [
      ...cases.map(([, , reason]) => `INCONCLUSIVE ${reason}`),
      'INCONCLUSIVE FRAME_METADATA',
      'INCONCLUSIVE NO_RECIPE',
      'PASS MODEL',
    ];
    assert.deepEqual(plc.verdicts.map(({ verdict, reason }) => `${verdict} ${reason}`).toSorted(), expected.toSorted());
  });

  it('promise 10: rotated, grey, CMYK and 16-bit pictures are inspected like any other', async () => {
    const plc = await connectPlc(broker.url);
    const red = sharp(await redPicture(200));
    await plc.send(await red.clone().jpeg().withMetadata({ orientation: 6 }).toBuffer(), { frameId: 'rotated' });
    await plc.send(await red.clone().jpeg().toColourspace('cmyk').toBuffer(), { frameId: 'cmyk' });
    await plc.send(await red.clone().png().toColourspace('rgb16').toBuffer(), { frameId: '16-bit' });
    await plc.send(
      await sharp(await redPicture(60))
        .greyscale()
        .png()
        .toBuffer(),
      { frameId: 'grey' },
    );
    await plc.untilClosed(4);
    for (const frameId of ['rotated', 'cmyk', '16-bit']) assert.equal(plc.verdictOf(frameId).verdict, 'FAIL', frameId);
    assert.equal(plc.verdictOf('grey').verdict, 'PASS');
  });

  it('promise 2: a frame whose window is over is LATE, whatever it shows: nobody looks at it any more', async () => {
    const plc = await connectPlc(broker.url);
    await plc.send(await redPicture(60), { frameId: 'good', recipe: 'gone' });
    await plc.send(await redPicture(200), { frameId: 'bad', recipe: 'gone' });
    await plc.untilClosed(2);
    for (const { verdict, reason, late, score } of plc.verdicts) {
      assert.deepEqual([verdict, reason, late, score], ['INCONCLUSIVE', 'LATE', true, null]);
    }
  });

  it('promise 12: simulated and challenge frames are marked and never PASS on a production line', async () => {
    const plc = await connectPlc(broker.url);
    await plc.send(await redPicture(60), { frameId: 'simulated', simulated: 'true' });
    await plc.send(await redPicture(60), { frameId: 'challenge', challenge: 'true' });
    await plc.send(await redPicture(200), { frameId: 'red-rabbit', challenge: 'true' });
    await plc.untilClosed(3);
    for (const said of [plc.verdicts, plc.records]) {
      const words = said.map(({ frameId, verdict, reason }) => `${frameId} ${verdict} ${reason}`).toSorted();
      assert.deepEqual(words, [
        'challenge INCONCLUSIVE CHALLENGE',
        'red-rabbit FAIL MODEL',
        'simulated INCONCLUSIVE CHALLENGE',
      ]);
    }
    assert.equal(plc.verdictOf('simulated').simulated, true);
    assert.equal(plc.verdictOf('red-rabbit').challenge, true);
    assert.equal(await readMetric(inspector, 'verdicts_apart_total'), 3);
  });
});
