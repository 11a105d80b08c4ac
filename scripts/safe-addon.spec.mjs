import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { makeSafe } from './native/safe-addon.mjs';

const SOURCE = `#include "tfjs_backend.h"
static std::set<std::string> ATTR_NAME_SET;
  tfe_context_ = TFE_NewContext(tfe_options, tf_status.status);
  TFE_Execute(tfe_op.op, result_handles.data(), &size, tf_status.status);
`;

describe("the TensorFlow addon's source", () => {
  const dir = mkdtempSync(join(tmpdir(), 'lineside-addon-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const file = join(dir, 'tfjs_backend.cc');

  it('gets a set of names per thread, and signals wait while it computes and starts', () => {
    writeFileSync(file, SOURCE);
    makeSafe(file);
    const text = readFileSync(file, 'utf8');
    assert.match(text, /^static thread_local std::set<std::string> ATTR_NAME_SET;$/m);
    assert.match(text, /\{\s*HeldSignals held;\s*TFE_Execute\(.*\);\s*\}/);
    assert.match(text, /\{\s*HeldSignals held;\s*tfe_context_ = TFE_NewContext\(.*\);\s*\}/);
  });

  for (const line of SOURCE.trimEnd().split('\n'))
    it(`that is not the known one is left as it is, ADDON_UNKNOWN: without ${line.trim()}`, () => {
      const other = SOURCE.replace(line, '');
      writeFileSync(file, other);
      assert.throws(() => makeSafe(file), { code: 'ADDON_UNKNOWN', message: /tfjs_backend\.cc/ });
      assert.equal(readFileSync(file, 'utf8'), other);
    });
});
