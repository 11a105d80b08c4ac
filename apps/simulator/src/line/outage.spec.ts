import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Outage } from './outage.js';

describe('an outage of the broker', () => {
  it('is two lines, whatever it cost, and a new one is two more', () => {
    const said: string[] = [];
    const outage = new Outage((text) => said.push(text));
    outage.sent();
    for (const part of ['a', 'b', 'c']) outage.failed(`${part} not sent.`);
    outage.sent();
    outage.sent();
    assert.deepEqual(said, [
      'a not sent. What follows is counted until one goes out again.',
      'Sending again; not sent meanwhile: 3.',
    ]);
    outage.failed('d not sent.');
    outage.sent();
    assert.equal(said.length, 4);
  });
});
