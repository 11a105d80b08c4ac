import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { columnsFor, sayBelow } from './camera-room.js';

describe('room for cameras', () => {
  it('is shared in rows and columns by how many there are', () => {
    const cases = { 0: 1, 1: 1, 2: 2, 4: 2, 5: 3, 8: 3, 9: 3, 16: 4, 40: 7, 64: 8, 200: 8 };
    for (const [cameras, columns] of Object.entries(cases)) assert.equal(columnsFor(Number(cameras)), columns, cameras);
  });

  it('that is not there is told, with what is wrong in it', () => {
    assert.equal(sayBelow([]), null);
    assert.equal(sayBelow(['running', 'idle']), '2 more below');
    assert.equal(sayBelow(['running', 'not-ready', 'not-ready']), '3 more below, 2 not ready');
  });
});
