import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { SendWindow } from './send-window.js';

/** Messages by name: what was sent, and how each comes to its end. */
function makeBroker() {
  const sent: string[] = [];
  const ends = new Map<string, { acknowledge: () => void; lose: () => void }>();
  const take = (name: string) => () => {
    sent.push(name);
    return new Promise<void>((resolve, reject) => {
      ends.set(name, { acknowledge: resolve, lose: () => reject(new Error(`${name} is lost`)) });
    });
  };
  const end = (name: string) => {
    const found = ends.get(name);
    if (found === undefined) return assert.fail(`${name} was not sent`);
    return found;
  };
  return { sent, take, end };
}

describe('the window of a broker', () => {
  it('lets so many out at once, the others in order as it is acknowledged, and none between', async () => {
    const { sent, take, end } = makeBroker();
    const window = new SendWindow(2);
    const all = ['a', 'b', 'c', 'd'].map((name) => window.pass(take(name)));
    assert.deepEqual(sent, ['a', 'b']);
    end('b').acknowledge();
    await nextTurn();
    all.push(window.pass(take('e')));
    assert.deepEqual(sent, ['a', 'b', 'c']);
    for (const name of ['a', 'c', 'd', 'e']) {
      end(name).acknowledge();
      await nextTurn();
    }
    await Promise.all(all);
    assert.deepEqual(sent, ['a', 'b', 'c', 'd', 'e']);
    void window.pass(take('f'));
    assert.equal(sent.at(-1), 'f', 'it is empty again');
  });

  it('has room again when a message is lost', async () => {
    const { sent, take, end } = makeBroker();
    const window = new SendWindow(1);
    const lost = window.pass(take('a'));
    void window.pass(take('b'));
    end('a').lose();
    await assert.rejects(lost, /a is lost/);
    assert.deepEqual(sent, ['a', 'b']);
  });
});
