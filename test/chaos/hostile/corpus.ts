import type { Topics } from '#contracts';
import type { Dice } from '../dice.js';
import { makeBases, makeRubbish, mutate } from './pictures.js';

/** Who sends it: a camera that is not what it seems, or a person's tool gone wrong. */
export type Sender = 'camera' | 'person';

export interface HostileMessage {
  readonly sender: Sender;
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  readonly userProperties: Record<string, string | string[]> | null;
}

export interface CorpusOptions {
  readonly count: number;
  readonly dice: Dice;
  readonly topics: Topics;
  /** The camera that is hostile. */
  readonly camera: string;
  /** One that is not, and its inspector: it speaks in their names. */
  readonly victim: string;
  readonly inspectorId: string;
}

/** Larger than the line under attack takes. */
export const LARGEST_FRAME_BYTES = 1_000_000;
const ENVELOPE = Buffer.from('LSF1');

/** So many frames and messages that nobody should send, the same ones for the same dice. None of them names a frame by a sound id. */
export async function makeCorpus(options: CorpusOptions): Promise<readonly HostileMessage[]> {
  const { count, dice } = options;
  const bases = await makeBases();
  return Array.from({ length: count }, () => {
    const kind = dice.between(1, 10);
    if (kind <= 4) return frame(options, mutate(dice.pick(bases), dice), null);
    if (kind === 5) return frame(options, makeEnvelope(dice, dice.pick(bases)), null);
    if (kind === 6) return frame(options, dice.pick(bases), makeProperties(dice));
    if (kind === 7) return frame(options, makeOdd(dice), null);
    if (kind === 8) return spoof(options, dice.pick(bases));
    return {
      ...base(options),
      sender: 'person',
      topic: options.topics.camera(options.victim, 'cmd'),
      payload: makeCommand(dice),
    };
  });
}

const base = ({ topics, camera }: CorpusOptions): HostileMessage => ({
  sender: 'camera',
  topic: topics.camera(camera, 'frame'),
  payload: Buffer.alloc(0),
  retain: false,
  userProperties: null,
});

function frame(
  options: CorpusOptions,
  payload: Buffer,
  userProperties: HostileMessage['userProperties'],
): HostileMessage {
  return { ...base(options), payload, userProperties };
}

/** Nothing, one byte, rubbish, more than is taken. */
function makeOdd(dice: Dice): Buffer {
  const large = (): Buffer => Buffer.alloc(LARGEST_FRAME_BYTES + 1, 0x41);
  return dice.pick([() => Buffer.alloc(0), () => makeRubbish(1, dice), () => makeRubbish(5_000, dice), large])();
}

/** `LSF1` with a header that is cut short, too long, no JSON, no UTF-8, deep, or of wrong types. */
function makeEnvelope(dice: Dice, picture: Buffer): Buffer {
  const deep = (open: string, close: string): Buffer => Buffer.from(open.repeat(6_000) + close.repeat(6_000));
  const header = dice.pick([
    Buffer.alloc(0),
    Buffer.from('{"seq":'),
    Buffer.from('[]'),
    Buffer.from('null'),
    Buffer.from('{"seq":-1,"simulated":"maybe","captureTs":"yesterday"}'),
    Buffer.from('{"frameId":{"$gt":""},"partId":["a"],"lot":12}'),
    Buffer.from('{"__proto__":{"simulated":true},"constructor":{"prototype":{}},"view":1}'),
    Buffer.from([0x7b, 0xff, 0xfe, 0xc3, 0x28, 0x7d]),
    deep('[', ']'),
    deep('{"a":', '}').subarray(0, 60_000),
    makeRubbish(200, dice),
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(dice.pick([header.byteLength, header.byteLength + 1, 0, 65_537, 0xffff_ffff]));
  return mutate(Buffer.concat([ENVELOPE, length, header, picture]), dice);
}

/** User properties of wrong types, sizes and numbers. */
function makeProperties(dice: Dice): Record<string, string | string[]> {
  const text = dice.pick([
    '',
    ' ',
    '-1',
    '1e400',
    'NaN',
    '0x10',
    '\u202e',
    'a'.repeat(5_000),
    '../../etc/passwd',
    "'; DROP TABLE ledger; --",
  ]);
  const name = dice.pick([
    'seq',
    'captureTs',
    'simulated',
    'challenge',
    'bootId',
    'recipe',
    'view',
    'lot',
    '__proto__',
    'x',
  ]);
  return dice.pick<Record<string, string | string[]>>([
    { [name]: text },
    { [name]: [text, text] },
    { frameId: ['a', 'b'], seq: text },
    { frameId: 'f'.repeat(200) },
    { recipe: 'no-such-recipe' },
    {
      captureTs: '9999-12-31T23:59:59.999Z',
      seq: '9007199254740991',
      bootId: `boot-${dice.between(0, 1_000_000_000)}`,
    },
    { captureTs: '0000-01-01T00:00:00.000Z', seq: '9007199254740992' },
  ]);
}

/** What a camera may not say: verdicts, records, states, births and deaths, frames of another, in another's name. */
function spoof({ topics, victim, inspectorId, dice, ...rest }: CorpusOptions, picture: Buffer): HostileMessage {
  const ts = new Date(0).toISOString();
  const offline = { schema: 'vision.inspector/1', inspectorId, state: 'OFFLINE', bootId: 'x', ts };
  const ready = {
    schema: 'vision.state/1',
    camera: victim,
    state: 'READY',
    reason: null,
    inspectorId,
    bootId: 'x',
    ts,
  };
  const pass = { schema: 'vision.verdict/1', camera: victim, partId: 'p1', verdict: 'PASS', bootId: 'x' };
  const [topic, body] = dice.pick<readonly [string, object | null]>([
    [topics.camera(victim, 'verdict'), pass],
    [topics.camera(victim, 'record'), pass],
    [topics.camera(victim, 'state'), ready],
    [topics.inspectorState(inspectorId), offline],
    [topics.inspectorState('inspector9'), { ...offline, inspectorId: 'inspector9', state: 'ONLINE' }],
    [topics.camera(victim, 'cmd'), { command: 'clear-challenge', frameId: 'c1', by: 'Nobody' }],
    [topics.camera(victim, 'frame'), null],
    [topics.partVerdict(), pass],
    [topics.alert(), {}],
  ]);
  const payload = body === null ? picture : Buffer.from(JSON.stringify(body));
  const made = base({ topics, victim, inspectorId, dice, ...rest });
  return { ...made, topic, payload, retain: dice.between(0, 1) === 1 };
}

/** Commands that are no commands. */
function makeCommand(dice: Dice): Buffer {
  return dice.pick([
    () => Buffer.alloc(0),
    () => makeRubbish(300, dice),
    () => Buffer.from('{"command":12,"by":{}}'),
    () => Buffer.from('{"command":"dance","by":"Ada"}'),
    () => Buffer.from('{"command":"changeover","recipe":["chip"],"by":null}'),
    () => Buffer.from(`{"command":"clear-challenge","by":"${'a'.repeat(100_000)}","replyTo":"#"}`),
    () => Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`),
    () => Buffer.from('{"__proto__":{"command":"rollback"},"by":"Ada"}'),
    () =>
      mutate(
        Buffer.from('{"command":"acknowledge","code":"SILENCE","by":"Ada","replyTo":"x/y","correlationId":"1"}'),
        dice,
      ),
  ])();
}
