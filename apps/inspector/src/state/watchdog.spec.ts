import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { readSupervisor, type Supervisor } from '#config';
import { Watchdog } from './watchdog.js';

function makeWatchdog(prove: () => Promise<void>, supervisor: Supervisor | null = { watchdogMs: 60_000 }) {
  const said: string[] = [];
  const watchdog = new Watchdog({
    supervisor,
    prove,
    onSilent: (problem) => said.push(`silent: ${problem}`),
    notify: async (state) => said.push(state),
  });
  return { watchdog, said };
}

describe('the watchdog', () => {
  it('says when it is up, gives a sign of life only when models compute, and says when it stops', async () => {
    let isAlive = true;
    const { watchdog, said } = makeWatchdog(() =>
      isAlive ? Promise.resolve() : Promise.reject(new Error('no answer')),
    );
    await watchdog.start();
    await watchdog.sign();
    isAlive = false;
    await watchdog.sign();
    await watchdog.stop();
    assert.deepEqual(said, ['READY=1', 'WATCHDOG=1', 'silent: no answer', 'STOPPING=1']);
  });

  it('a proof that never comes back is asked for once and gives no sign', async () => {
    let asked = 0;
    let finish = (): void => undefined;
    const { watchdog, said } = makeWatchdog(() => {
      asked += 1;
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    void watchdog.sign();
    const second = watchdog.sign();
    assert.deepEqual([asked, said], [1, []]);
    finish();
    await second;
    assert.deepEqual(said, ['WATCHDOG=1']);
  });

  it('gives signs by itself, three in each interval of who watches, until it stops', async ({ mock }) => {
    mock.timers.enable({ apis: ['setInterval'] });
    const { watchdog, said } = makeWatchdog(() => Promise.resolve());
    await watchdog.start();
    for (let third = 0; third < 3; third++) {
      mock.timers.tick(20_000);
      await nextTurn();
    }
    await watchdog.stop();
    mock.timers.tick(60_000);
    await nextTurn();
    assert.deepEqual(said, ['READY=1', 'WATCHDOG=1', 'WATCHDOG=1', 'WATCHDOG=1', 'STOPPING=1']);
  });

  it('says nothing where nobody watches', async () => {
    const { watchdog, said } = makeWatchdog(() => Promise.resolve(), null);
    await watchdog.start();
    await watchdog.stop();
    assert.deepEqual(said, []);
  });

  it('is asked for by systemd through the environment', () => {
    assert.equal(readSupervisor({}), null);
    assert.deepEqual(readSupervisor({ NOTIFY_SOCKET: '/run/notify' }), { watchdogMs: null });
    const env = { NOTIFY_SOCKET: '/run/notify', WATCHDOG_USEC: '30000000', WATCHDOG_PID: '7' };
    assert.deepEqual(readSupervisor(env, 7), { watchdogMs: 30_000 });
    assert.deepEqual(readSupervisor(env, 8), { watchdogMs: null });
  });
});
