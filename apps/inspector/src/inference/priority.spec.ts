import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { getPriority } from 'node:os';
import { describe, it } from 'node:test';
import { isAllowed, standBack } from './priority.js';

const NO_RIGHTS = 'Name:\tnode\nCapEff:\t0000000000000000\n';
const limits = (nice: number) =>
  `Limit                     Soft Limit           Hard Limit           Units\nMax nice priority         ${nice}                    ${nice}\n`;

describe('the priority of a worker that starts beside others', {
  skip: process.platform !== 'linux' && 'Linux',
}, () => {
  it('is lowered only by who may raise it again', () => {
    assert.equal(isAllowed({ status: NO_RIGHTS, limits: limits(0) }, 0), false);
    assert.equal(isAllowed({ status: NO_RIGHTS, limits: limits(19) }, 0), false);
    assert.equal(isAllowed({ status: NO_RIGHTS, limits: limits(20) }, 0), true, 'LimitNICE=+0 of the unit');
    assert.equal(
      isAllowed({ status: 'CapEff:\t0000000000800000\n', limits: limits(0) }, 0),
      true,
      'CAP_SYS_NICE alone',
    );
    assert.equal(
      isAllowed({ status: 'CapEff:\t00000000a80425fb\n', limits: limits(0) }, 0),
      false,
      'a container’s own',
    );
    assert.equal(isAllowed({ status: '', limits: '' }, 0), false, 'a kernel that tells nothing');
    assert.equal(isAllowed({ status: NO_RIGHTS, limits: limits(20) }, -5), false, 'an inspector before others');
    assert.equal(isAllowed({ status: NO_RIGHTS, limits: limits(15) }, 5), true, 'an inspector behind others');
  });

  it('is everybody’s when it is ready', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6); console.log("up")']);
    const { pid } = child;
    assert.ok(pid);
    const exit = once(child, 'exit');
    await once(child.stdout, 'data');
    const before = getPriority(pid);
    const [status = '', own = ''] = ['status', 'limits'].map((name) => readFileSync(`/proc/self/${name}`, 'utf8'));
    const may = isAllowed({ status, limits: own }, before);
    const stepUp = standBack(pid);
    assert.equal(getPriority(pid), may ? before + 10 : before);
    stepUp();
    assert.equal(getPriority(pid), before);
    child.kill('SIGKILL');
    await exit;
    standBack(pid)();
  });
});
