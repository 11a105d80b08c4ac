import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { MessageChannel } from 'node:worker_threads';
import { type Reply, serveCalls } from './thread-call.js';

describe('calls into a thread', () => {
  it('that came while one ran are answered in groups no larger than said, so that none waits for all behind it', async () => {
    const { port1: caller, port2: port } = new MessageChannel();
    const arrived = new AbortController();
    port.on('message', (message) => message === null && arrived.abort());
    const store = {
      look: () => (arrived.signal.aborted ? Promise.resolve() : once(arrived.signal, 'abort').then(() => undefined)),
      stop: async () => undefined,
    };
    const answers: number[][] = [];
    caller.on('message', (replies: Reply[]) => answers.push(replies.map(({ id }) => id)));
    serveCalls(port, { open: async () => store, calls: ['look'], maxGroup: 2 });
    for (let id = 1; id <= 6; id++) caller.postMessage({ id, name: 'look', input: undefined });
    caller.postMessage(null);
    await once(caller, 'close');
    assert.deepEqual(answers, [[0], [1, 2], [3, 4], [5, 6]]);
  });
});
