import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, describe, it } from 'node:test';
import { restoreUtil } from './removed-from-node.js';

const util = createRequire(import.meta.url)('util') as Record<string, ((value: unknown) => boolean) | undefined>;
const NAMES = ['isNullOrUndefined', 'isArray'];

describe('restoreUtil', () => {
  const own = NAMES.map((name) => [name, util[name]] as const);
  after(() => Object.assign(util, Object.fromEntries(own)));

  it('gives packages that are loaded later what Node 23 took away', () => {
    for (const name of NAMES) delete util[name];
    restoreUtil();
    assert.deepEqual(
      [null, undefined, 0, ''].map((value) => util['isNullOrUndefined']?.(value)),
      [true, true, false, false],
    );
    assert.deepEqual(
      [[], {}, 'a'].map((value) => util['isArray']?.(value)),
      [true, false, false],
    );
  });
});
