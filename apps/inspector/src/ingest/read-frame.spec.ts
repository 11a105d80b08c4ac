import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { packEnvelope } from '#contracts';
import { type Message, readFrame, renameFrame } from './read-frame.js';

const RULES = { recipeOf: new Map([['cam1', 'chip']]), maxFrameBytes: 1_000 };
const PICTURE = Buffer.from('picture');

function message(over: Partial<Message> = {}): Message {
  return {
    camera: 'cam1',
    payload: PICTURE,
    userProperties: null,
    receivedAt: 5,
    receivedTs: '2026-01-02T03:04:05.006Z',
    isStale: false,
    ...over,
  };
}

/** An envelope as somebody else would write it. */
function headed(header: object): Buffer {
  return packEnvelope(header as Parameters<typeof packEnvelope>[0], PICTURE);
}

describe('a message becomes a frame', () => {
  it('from user properties', () => {
    const said = { frameId: 'f1', seq: '12', bootId: 'b1', partId: 'SN1', recipe: 'cap', simulated: 'true' };
    const { frame, refusal } = readFrame(message({ userProperties: said }), RULES);
    assert.equal(refusal, null);
    const { frameId, identity, seq, cameraBootId, partId, recipe, simulated, challenge } = frame;
    assert.deepEqual(
      { frameId, identity, seq, cameraBootId, partId, recipe, simulated, challenge },
      {
        frameId: 'f1',
        identity: 'given',
        seq: 12,
        cameraBootId: 'b1',
        partId: 'SN1',
        recipe: 'cap',
        simulated: true,
        challenge: false,
      },
    );
  });

  it('from an envelope, whatever the user properties say', () => {
    const payload = packEnvelope({ frameId: 'inside' }, PICTURE);
    const { frame } = readFrame(message({ payload, userProperties: { frameId: 'outside' } }), RULES);
    assert.equal(frame.frameId, 'inside');
    assert.deepEqual(Buffer.from(frame.bytes), PICTURE);
  });

  it("from a bare picture: the camera's recipe and an id of its own each time", () => {
    const [one, two] = [readFrame(message(), RULES).frame, readFrame(message(), RULES).frame];
    assert.equal(one.recipe, 'chip');
    assert.equal(one.identity, 'derived');
    assert.notEqual(one.frameId, two.frameId);
    const content = (id: string) => id.split('-')[1];
    assert.equal(content(one.frameId), content(two.frameId));
  });

  const refused: [string, Partial<Message>, string][] = [
    ['larger than allowed', { payload: Buffer.alloc(1_001) }, 'FRAME_TOO_LARGE'],
    ['with a sequence that is no number', { userProperties: { seq: 'x' } }, 'FRAME_METADATA'],
    ['with an empty sequence', { userProperties: { bootId: 'b1', seq: '' } }, 'FRAME_METADATA'],
    ['with a sequence beyond what can be counted', { userProperties: { seq: '9007199254740992' } }, 'FRAME_METADATA'],
    ...[null, true, [], -1, 1.5].map((seq): [string, Partial<Message>, string] => [
      `with a header whose sequence is ${JSON.stringify(seq)}`,
      { payload: headed({ bootId: 'b1', seq }) },
      'FRAME_METADATA',
    ]),
    ['with a lot filled up with NULs', { payload: headed({ lot: 'L42\0\0\0' }) }, 'FRAME_METADATA'],
    ['with a name said twice', { userProperties: { frameId: ['a', 'b'] } }, 'FRAME_METADATA'],
    ['with an envelope cut short', { payload: Buffer.from('LSF1\0\0') }, 'FRAME_METADATA'],
    ['with a header longer than the payload', { payload: Buffer.from('LSF1\0\0\x01\0{}') }, 'FRAME_METADATA'],
    [
      'with a header that is not UTF-8',
      { payload: Buffer.from('LSF1\0\0\0\x0c{"lot":"L\xe9"}', 'latin1') },
      'FRAME_METADATA',
    ],
  ];
  for (const [name, over, code] of refused) {
    it(`also ${name}: accepted, to be refused as ${code}`, () => {
      const { frame, refusal } = readFrame(message(over), RULES);
      assert.equal(refusal?.code, code);
      assert.equal(frame.identity, 'derived');
      assert.equal(frame.camera, 'cam1');
    });
  }

  const kept: [string, Partial<Message>, object][] = [
    [
      'beside a wrong capture time',
      { userProperties: { frameId: 'f1', partId: 'SN1', seq: '7', bootId: 'b1', captureTs: '2026-01-02T03:04:05Z' } },
      { frameId: 'f1', partId: 'SN1', seq: 7, cameraBootId: 'b1', challenge: false },
    ],
    [
      'beside a wrong boot, which takes the sequence with it',
      { payload: headed({ frameId: 'f1', partId: 'SN1', seq: 7, bootId: '', challenge: true }) },
      { frameId: 'f1', partId: 'SN1', seq: null, cameraBootId: null, challenge: true },
    ],
    [
      'of an envelope that is too large',
      { payload: Buffer.concat([headed({ frameId: 'f1', partId: 'SN1' }), Buffer.alloc(1_000)]) },
      { frameId: 'f1', partId: 'SN1', seq: null, cameraBootId: null, challenge: false },
    ],
  ];
  for (const [name, over, expected] of kept) {
    it(`keeps what can be read ${name}, though it is refused`, () => {
      const { frame, refusal } = readFrame(message(over), RULES);
      const { frameId, partId, seq, cameraBootId, challenge, identity } = frame;
      assert.notEqual(refusal, null);
      assert.deepEqual({ frameId, partId, seq, cameraBootId, challenge }, expected);
      assert.equal(identity, 'given');
    });
  }

  it('also with a header above its limit, whatever a frame may hold', () => {
    const payload = headed({ lot: 'L42', remark: ' '.repeat(65_536) });
    const { refusal } = readFrame(message({ payload }), { ...RULES, maxFrameBytes: 100_000 });
    assert.equal(refusal?.code, 'FRAME_METADATA');
    assert.match(refusal?.message ?? '', /expected at most 65536 bytes/);
  });

  it('a refused header is told by field, with what was expected', () => {
    const { refusal } = readFrame(message({ payload: headed({ seq: null, lot: 'L42\0' }) }), RULES);
    assert.match(refusal?.message ?? '', /`lot`: expected no control characters.*`seq`: expected a whole number/);
  });

  it('takes another name when its own belongs to another frame', () => {
    const { frame } = readFrame(message({ userProperties: { frameId: 'f1', seq: '1' } }), RULES);
    const { frameId, identity, seq } = renameFrame(frame);
    assert.ok(frameId.startsWith('derived-'));
    assert.deepEqual([identity, seq], ['derived', null]);
  });
});
