import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { DependencyError, InputError, type Override } from '#contracts';
import { makeOverride } from '../../../../test/factories/frames.js';
import { countOf } from '../../../../test/factories/metrics.js';
import { Counters } from '../health/counters.js';
import type { LedgerEvent } from '../ledger/rows.js';
import { CommandDesk, type CommandDeskOptions } from './command-desk.js';

function makeDesk(over: Partial<CommandDeskOptions> = {}) {
  const done: string[] = [];
  const events: LedgerEvent[] = [];
  const logged: string[] = [];
  const counters = new Counters();
  const did = (what: string): Promise<string> => {
    done.push(what);
    return Promise.resolve(what);
  };
  const desk = new CommandDesk({
    inspectorId: 'i1',
    bootId: 'b1',
    registryDir: '/no/such/registry',
    recipes: { byCamera: new Map([['cam1', 'chip']]) },
    changeover: { switchTo: (camera, recipe) => did(`${camera} to ${recipe}`) },
    challenges: {
      announce: async (camera, parts) => `${parts} at ${camera}`,
      clear: (camera, { by }) => did(`${camera} by ${by}`),
    },
    alarms: { acknowledge: ({ code, by }) => `${code} by ${by}` },
    lots: { hold: (lot) => did(`hold ${lot}`), release: (lot) => did(`release ${lot}`) },
    overrides: { record: async (request) => makeOverride({ ...request, frameId: request.frameId ?? null }) },
    ledger: { note: async (event) => void events.push(event) },
    counters,
    reporter: { command: ({ command, code }) => void logged.push(`${command} ${code}`) },
    ...over,
  });
  const ask = (payload: unknown, responseTopic: string | null = null) =>
    desk.hear({
      camera: 'cam1',
      payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
      responseTopic,
    });
  return { desk, ask, done, events, logged, counters };
}

describe('a command', () => {
  it('is carried out, answered where it was asked for, and kept with the name of who asked', async () => {
    const { ask, events } = makeDesk();
    const { to, body } = await ask({ command: 'changeover', recipe: 'board', by: ' Ada ' }, 'answers/1');
    assert.equal(to, 'answers/1');
    assert.deepEqual([body.ok, body.code, body.command, body.message], [true, null, 'changeover', 'cam1 to board']);
    assert.deepEqual(
      events.map(({ event, by, camera, details }) => [event, by, camera, details['recipe']]),
      [['changeover', 'Ada', 'cam1', 'board']],
    );
  });

  it('to acknowledge an alarm is carried out and kept the same when it is asked for on the page', async () => {
    const { desk, events } = makeDesk();
    assert.equal(await desk.acknowledge({ camera: 'cam1', alarm: 'SILENCE', by: 'Ada' }), 'SILENCE by Ada');
    assert.deepEqual(
      events.map(({ event, by, camera, details }) => [event, by, camera, details['alarm']]),
      [['acknowledge', 'Ada', 'cam1', 'SILENCE']],
    );
  });

  it('that was carried out while the ledger takes no name is answered so, on the page too', async () => {
    const { ask, desk, done, logged } = makeDesk({
      ledger: { note: () => Promise.reject(new DependencyError('LEDGER_WRITE', 'disk full')) },
    });
    const { body } = await ask({ command: 'hold-lot', lot: 'L7', by: 'Ada' });
    assert.deepEqual(
      [body.ok, body.code, done, logged],
      [false, 'NOT_RECORDED', ['hold L7'], ['hold-lot NOT_RECORDED']],
    );
    assert.equal(body.message, 'Carried out, but that Ada asked for it is not recorded. hold L7 disk full');
    const acknowledged = desk.acknowledge({ camera: 'cam1', alarm: 'SILENCE', by: 'Ada' });
    await assert.rejects(acknowledged, { code: 'NOT_RECORDED', message: /SILENCE by Ada/ });
  });

  it('to announce a challenge without saying how many parts announces one', async () => {
    const { ask } = makeDesk();
    const { body } = await ask({ command: 'start-challenge', by: 'Ada' });
    assert.deepEqual([body.ok, body.message], [true, '1 at cam1']);
  });

  it('of a 3.1.1 client is answered where its JSON says, with its own id', async () => {
    const { ask } = makeDesk();
    const said = { command: 'hold-lot', lot: 'L7', by: 'Ada', replyTo: 'answers/2', correlationId: 'x1' };
    const { to, body } = await ask(said);
    assert.deepEqual([to, body.correlationId, body.ok], ['answers/2', 'x1', true]);
  });

  it('COMMANDS_BUSY: is refused, and answered at once, where a hundred others are under way', async () => {
    let go = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    const { ask, done } = makeDesk({ lots: { hold: (lot) => gate.then(() => lot), release: async (lot) => lot } });
    const hold = { command: 'hold-lot', lot: 'L7', by: 'Ada' };
    const waiting = Array.from({ length: 100 }, () => ask(hold));
    assert.deepEqual((await ask({ command: 'changeover', recipe: 'board', by: 'Ada' })).body.code, 'COMMANDS_BUSY');
    go();
    for (const { body } of await Promise.all(waiting)) assert.equal(body.ok, true);
    assert.equal((await ask(hold)).body.ok, true);
    assert.deepEqual(done, []);
  });

  it('that cannot be carried out is answered with what is wrong, and not kept', async () => {
    const cases: [unknown, string, RegExp][] = [
      ['{ not json', 'COMMAND_INVALID', /JSON object/],
      [[], 'COMMAND_INVALID', /JSON object/],
      [{ by: 'Ada' }, 'COMMAND_UNKNOWN', /undefined; there are changeover, acknowledge/],
      [{ command: 'dance', by: 'Ada' }, 'COMMAND_UNKNOWN', /"dance"/],
      [{ command: 'changeover', recipe: 'board' }, 'COMMAND_INVALID', /refused: `by` is missing\.$/],
      [{ command: 'changeover', recipe: 'board', by: '  ' }, 'COMMAND_INVALID', /`by` is empty/],
      [{ command: 'rollback', by: 'Ada' }, 'COMMAND_INVALID', /from/],
      [
        { command: 'start-challenge', parts: 1e9, by: 'Ada' },
        'COMMAND_INVALID',
        /`parts`: expected at most 100, got 1000000000/,
      ],
      [
        { command: 'hold-lot', lot: 'L7', by: 'Ada', please: true },
        'COMMAND_INVALID',
        /`please` is unknown, expected command, lot, by\.$/,
      ],
      [{ command: 'hold-lot', lot: 'L7\0\0', by: 'Ada' }, 'COMMAND_INVALID', /`lot`: expected no control characters/],
      [{ command: 'hold-lot', lot: 'L7', by: 'Ada\0Lovelace' }, 'COMMAND_INVALID', /`by`: expected no control/],
      [
        { command: 'override', frameId: 'f1', disposition: 'scrap', by: 'Ada', remark: 'seen\nand\0heard' },
        'COMMAND_INVALID',
        /`remark`: expected no control characters but line breaks/,
      ],
      [{ command: 'rollback', from: 'm1', by: 'Ada' }, 'REGISTRY_MISSING', /registry/],
      [{ command: 'override', frameId: 'f1', disposition: 'scrap' }, 'COMMAND_INVALID', /by/],
      [
        { command: 'override', frameId: 'f1', disposition: 'sell', by: 'Ada' },
        'COMMAND_INVALID',
        /expected one of scrap, .*"sell"/,
      ],
      [{ command: 'override', disposition: 'scrap', by: 'Ada' }, 'COMMAND_INVALID', /frameId/],
    ];
    const { ask, done, events, logged, counters } = makeDesk();
    for (const [payload, code, message] of cases) {
      const { body } = await ask(payload);
      assert.deepEqual([body.ok, body.code], [false, code], JSON.stringify(payload));
      assert.match(body.message, message);
    }
    assert.deepEqual([done, events], [[], []]);
    assert.equal(logged.length, cases.length);
    assert.equal(await countOf(counters, 'commands'), cases.length);
    assert.ok(logged.includes('rollback REGISTRY_MISSING'), 'the log tells who was refused what');
  });

  it('that overrides a verdict is answered with both words, and is no event: its record is of its own kind', async () => {
    const { ask, events } = makeDesk();
    const { body } = await ask({ command: 'override', frameId: 'f1', disposition: 'use-as-is', by: 'Ada' });
    assert.deepEqual([body.ok, body.message], [true, "use-as-is by Ada stands beside the machine's FAIL (MODEL)."]);
    assert.deepEqual(events, []);
  });

  it('waits for the one before it, also where that fails', async () => {
    const order: string[] = [];
    let finish = (): void => undefined;
    const first = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { ask } = makeDesk({
      changeover: {
        switchTo: async (_camera, recipe) => {
          order.push(`begin ${recipe}`);
          if (recipe === 'slow') await first;
          order.push(`end ${recipe}`);
          throw new InputError('NO_RECIPE', 'none');
        },
      },
    });
    const replies = ['slow', 'fast'].map((recipe) => ask({ command: 'changeover', recipe, by: 'Ada' }));
    await new Promise((resolve) => setImmediate(resolve));
    finish();
    await Promise.all(replies);
    assert.deepEqual(order, ['begin slow', 'end slow', 'begin fast', 'end fast']);
  });

  it('does not wait for an override, which may have to ask the plant database', async () => {
    let found = (_override: Override): void => undefined;
    const record = (): Promise<Override> =>
      new Promise((resolve) => {
        found = resolve;
      });
    const { ask, done } = makeDesk({ overrides: { record } });
    const override = ask({ command: 'override', partId: 'SN1', disposition: 'scrap', by: 'Ada' });
    const { body } = await ask({ command: 'clear-challenge', frameId: 'c1', by: 'Ada' });
    assert.deepEqual([body.ok, done], [true, ['cam1 by Ada']]);
    found(makeOverride({}));
    assert.equal((await override).body.ok, true);
  });
});
