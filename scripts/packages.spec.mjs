import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';

const SCRIPTS = fileURLToPath(new URL('.', import.meta.url));

describe('a package that the set-up unpacks', () => {
  const root = mkdtempSync(join(tmpdir(), 'lineside-packages-'));
  after(() => rmSync(root, { recursive: true, force: true }));

  it('can be read by whoever trains, also where its files were packed for their owner alone', () => {
    mkdirSync(join(root, 'package'));
    writeFileSync(join(root, 'package/index.js'), 'packed');
    chmodSync(join(root, 'package/index.js'), 0o600);
    const tarball = join(root, 'closed-1.0.0.tgz');
    assert.equal(spawnSync('tar', ['-czf', tarball, '-C', root, 'package']).status, 0);
    const integrity = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
    const packages = { 'node_modules/closed': { version: '1.0.0', integrity } };
    writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages }));
    cpSync(SCRIPTS, join(root, 'scripts'), { recursive: true });
    const script = `process.umask(0o022);
      import('./scripts/native/packages.mjs').then(({ placePackage }) =>
        placePackage('closed', { into: 'placed', cacheDir: ${JSON.stringify(root)} }))`;
    const { status, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: root, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    assert.equal(statSync(join(root, 'placed/index.js')).mode & 0o777, 0o644);
  });
});
