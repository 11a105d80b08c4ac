import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makeThreadSafe } from './native/thread-safe.mjs';

describe("the TensorFlow addon's source", () => {
  const dir = mkdtempSync(join(tmpdir(), 'lineside-addon-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'tfjs_backend.cc');

  it('gets a set of names per thread', () => {
    writeFileSync(file, 'int a;\nstatic std::set<std::string> ATTR_NAME_SET;\n');
    makeThreadSafe(file);
    assert.equal(readFileSync(file, 'utf8'), 'int a;\nstatic thread_local std::set<std::string> ATTR_NAME_SET;\n');
  });

  it('that is not the known one is left as it is: ADDON_UNKNOWN', () => {
    writeFileSync(file, 'int a;\n');
    assert.throws(() => makeThreadSafe(file), { code: 'ADDON_UNKNOWN', message: /tfjs_backend\.cc/ });
    assert.equal(readFileSync(file, 'utf8'), 'int a;\n');
  });
});
