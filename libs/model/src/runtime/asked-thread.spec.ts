import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { AskedThread } from './asked-thread.js';

/** A thread that is opened by this code and answers an order by running it as code. */
function threadOf(t: TestContext, opening = ''): AskedThread<string, unknown> {
  const imported = `import { answerOrders } from '${import.meta.resolve('./asked-thread.js')}';
    import { InputError } from '${import.meta.resolve('../../../contracts/src/errors.js')}';`;
  const answering = `answerOrders(async () => { ${opening}; return async (order) => eval(order); });`;
  const file = new URL(`data:text/javascript,${encodeURIComponent(imported + answering)}`);
  const thread = new AskedThread<string, unknown>(file, { name: 'calculating' });
  t.after(() => thread.stop());
  return thread;
}

describe('AskedThread', () => {
  it('answers orders in turn, though a later one takes less time', async (t) => {
    const thread = threadOf(t);
    const slow = thread.ask('globalThis.n = 0; new Promise((done) => setImmediate(() => done(++n)))');
    const quick = thread.ask('++n');
    assert.equal(thread.waiting, 2);
    assert.deepEqual(await Promise.all([slow, quick]), [1, 2]);
    assert.equal(thread.waiting, 0);
  });

  it('hands on the kind and the code of an error, and goes on', async (t) => {
    const thread = threadOf(t);
    const failed = thread.ask("throw new InputError('DATA_CHANGED', 'Picture 7 is gone.')");
    const next = thread.ask('7');
    await assert.rejects(failed, { name: 'InputError', code: 'DATA_CHANGED', message: 'Picture 7 is gone.' });
    assert.equal(await next, 7);
  });

  it('tells every order what opening met', async (t) => {
    const thread = threadOf(t, "throw new InputError('MODEL_UNREADABLE', 'No graph.')");
    for (const order of ['1', '2']) await assert.rejects(thread.ask(order), { code: 'MODEL_UNREADABLE' });
  });

  it('fails every order once the thread broke down, was never there, or has ended', async (t) => {
    const broken = threadOf(t);
    const orders = ["setImmediate(() => { throw new Error('short circuit') }); new Promise(() => {})", '1'];
    for (const result of await Promise.allSettled(orders.map((order) => broken.ask(order)))) {
      assert.equal(result.status, 'rejected');
      assert.match(String(result.reason), /The calculating thread broke down: short circuit\./);
    }
    await assert.rejects(broken.ask('1'), { name: 'InvariantError', message: /short circuit/ });

    const missing = new AskedThread(new URL('./no-such-file.js', import.meta.url), { name: 'missing' });
    await assert.rejects(missing.ask(1), { name: 'InvariantError', message: /The missing thread broke down: / });

    const gone = threadOf(t);
    await assert.rejects(gone.ask('process.exit(0)'), { message: 'The calculating thread has ended.' });
    await assert.rejects(gone.ask('1'), { message: 'The calculating thread has ended.' });
  });
});
