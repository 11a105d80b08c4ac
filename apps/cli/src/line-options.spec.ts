import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InputError } from '#contracts';
import { parseBroker, parseCamera, parseCount, parsePositive, parseStation } from './line-options.js';

const isUsage = (error: unknown): boolean => error instanceof InputError && error.code === 'USAGE';

describe('words about a line on the command line', () => {
  it('are taken as they are when they are right', () => {
    assert.equal(parsePositive('--rate', '12.5'), 12.5);
    assert.equal(parseCount('--frames', '200'), 200);
    assert.equal(parseCamera('--camera', 'cam1'), 'cam1');
    assert.equal(parseStation('--station', 'a/b/c/d/e'), 'a/b/c/d/e');
    assert.equal(parseBroker('--broker', 'mqtts://host:8883'), 'mqtts://host:8883');
  });

  it('are refused with the flag’s name otherwise', () => {
    for (const text of ['0', '-1', 'x', '']) assert.throws(() => parsePositive('--rate', text), isUsage);
    assert.throws(() => parseCount('--frames', '1.5'), isUsage);
    for (const text of ['part', 'Cam', 'a/b', '']) assert.throws(() => parseCamera('--camera', text), isUsage);
    assert.throws(() => parseStation('--station', 'a/b'), isUsage);
    for (const text of ['host:1883', 'http://host', 'mqtt://']) {
      assert.throws(() => parseBroker('--broker', text), /--broker/);
    }
  });
});
