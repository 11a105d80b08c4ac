import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { CameraName, messageOf, tellProblems } from './index.js';

const Line = z.strictObject({
  cameras: z.array(z.strictObject({ name: CameraName, rate: z.number().int().min(1).max(60).default(1) })).min(1),
  mode: z.enum(['live', 'shadow']).default('live'),
  version: z.enum(['5', '3.1.1']).default('5'),
  roi: z.record(CameraName, z.boolean()).default({}),
  since: z.iso.datetime({ precision: 3 }).optional(),
  wish: z.discriminatedUnion('kind', [z.object({ kind: z.literal('claim') }), z.object({ kind: z.literal('costs') })]),
});
const Wide = z.strictObject({
  ...Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`k${i}`, z.number().optional()])),
  batch: z.number().default(1),
  model: z.string().nullable().default(null),
  warmUp: z
    .strictObject({ epochs: z.number().default(1) })
    .transform((said) => said)
    .prefault({}),
  fineTune: z
    .strictObject({
      epochs: z.number().default(1),
      rate: z.number().default(1).describe('step size (lr)'),
      optimiser: z.string().default('adam'),
    })
    .nullable()
    .default(null),
});
const SOUND = { cameras: [{ name: 'cam1' }], wish: { kind: 'claim' } };

describe('what is told of a value that fits no schema', () => {
  const cases: [string, unknown, string[]][] = [
    ['a missing field', { ...SOUND, cameras: [{}] }, ['`cameras[0].name` is missing']],
    ['an empty field', { ...SOUND, cameras: [] }, ['`cameras` is empty']],
    [
      'a field without a value',
      { ...SOUND, mode: null },
      ['`mode`: expected one of live, shadow, got no value (null)'],
    ],
    ['a wrong type', { ...SOUND, cameras: 'cam1' }, ['`cameras`: expected a list, got text']],
    ['a wrong word', { ...SOUND, mode: 'off' }, ['`mode`: expected one of live, shadow, got "off"']],
    ['a number for a word', { ...SOUND, version: 5 }, ['`version`: expected one of 5, 3.1.1, got the number 5']],
    ['a number out of bounds', withRate(61), ['`cameras[0].rate`: expected at most 60, got 61']],
    ['half a camera', withRate(0.5), ['`cameras[0].rate`: expected a whole number, got 0.5']],
    ['an unknown key', withRate(1, { fps: 2 }), ['`cameras[0]`: `fps` is unknown, expected name, rate']],
    [
      'a name of another form',
      { ...SOUND, roi: { part: true } },
      ['`roi.part`: `part`, `inspector`, `alert` and `reply` are no legal camera names'],
    ],
    ['no time', { ...SOUND, since: 'noon' }, ['`since`: expected a time as in 2026-01-31T14:05:00.000Z']],
    [
      'an unknown kind',
      { ...SOUND, wish: { kind: 'hope' } },
      ['`wish.kind`: expected one of claim, costs, got "hope"'],
    ],
    ['no kind', { ...SOUND, wish: {} }, ['`wish.kind` is missing, expected one of claim, costs']],
    ['nothing at all', undefined, ['expected an object, got nothing']],
  ];
  for (const [name, value, told] of cases) it(`names ${name}`, () => assert.deepEqual(problemsOf(value), told));

  it('never repeats a text that may be a password', () => {
    assert.doesNotMatch(problemsOf({ ...SOUND, cameras: 's3cret', wish: 's3cret' }).join(), /s3cret/);
  });

  it('tells the first of very many problems and counts the rest', () => {
    const told = problemsOf({ ...SOUND, cameras: Array.from({ length: 1_000 }, () => ({})) });
    assert.equal(told.length, 21);
    assert.equal(told.at(-1), 'and 980 more');
  });

  it('names the places that may be meant where there are too many keys to list', () => {
    const told = (wrong: object): string => {
      const { error } = Wide.safeParse(wrong);
      assert.ok(error, 'expected a refusal');
      return tellProblems(error).join();
    };
    assert.equal(told({ epochs: 3 }), '`epochs` is unknown, perhaps warmUp.epochs or fineTune.epochs');
    assert.equal(told({ learningRate: 3 }), '`learningRate` is unknown, perhaps fineTune.rate');
    assert.equal(told({ batchSize: 3 }), '`batchSize` is unknown, perhaps batch');
    assert.equal(told({ optimizer: 'x' }), '`optimizer` is unknown, perhaps fineTune.optimiser');
    assert.equal(told({ lr: 1, batch_size: 2 }), '`lr`, `batch_size` are unknown, perhaps fineTune.rate or batch');
    assert.equal(told({ mode: 1, size: 2 }), '`mode`, `size` are unknown');
  });

  it('is the message of what a schema throws', () => {
    const error = Line.safeParse({ ...SOUND, mode: 'off', cameras: [{}] }).error;
    assert.equal(messageOf(error), '`cameras[0].name` is missing; `mode`: expected one of live, shadow, got "off"');
  });
});

function withRate(rate: number, more: object = {}): object {
  return { ...SOUND, cameras: [{ name: 'cam1', rate, ...more }] };
}

function problemsOf(value: unknown): string[] {
  const { error } = Line.safeParse(value);
  assert.ok(error, 'expected a refusal');
  return tellProblems(error);
}
