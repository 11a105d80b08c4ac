import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { describe, it } from 'node:test';
import { INSPECTOR_FLAGS, WORKER_FLAGS } from './heap.js';

describe('flags of the heaps', () => {
  for (const flags of [INSPECTOR_FLAGS, WORKER_FLAGS]) {
    it(`are known to this Node: ${flags.join(' ')}`, () => {
      const { status, stderr } = spawnSync(process.execPath, [...flags, '-e', '0'], { encoding: 'utf8' });
      assert.deepEqual({ status, stderr }, { status: 0, stderr: '' });
    });
  }

  it('are what the systemd unit starts the inspector with', () => {
    const unit = readFileSync(new URL('../../../../config/lineside-inspector.service', import.meta.url), 'utf8');
    assert.ok(unit.includes(`ExecStart=/usr/bin/node ${INSPECTOR_FLAGS.join(' ')} dist/`));
  });
});
