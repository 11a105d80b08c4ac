// Sources of npm packages without running their scripts: from node_modules, else packed by npm and checked by the lockfile.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../setup.mjs';
import { Refusal } from './refusal.mjs';
import { lastLine } from './wheels.mjs';

/**
 * Put a package's files into `into`, in the version that package-lock.json names. npm drops optional packages whose own
 * download failed, so they may have to be fetched.
 * @param {string} name
 * @param {{ into: string, cacheDir: string, parts?: string[] }} options parts: files and folders that are enough
 */
export function placePackage(name, { into, cacheDir, parts }) {
  const { version, integrity } = readJson(join(ROOT, 'package-lock.json')).packages[`node_modules/${name}`];
  const installed = join(ROOT, 'node_modules', name);
  const manifest = join(installed, 'package.json');
  if (existsSync(manifest) && readJson(manifest).version === version) {
    for (const part of parts ?? ['']) cpSync(join(installed, part), join(into, part), { recursive: true });
    return;
  }
  const tarball = join(cacheDir, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  if (!existsSync(tarball) || integrityOf(tarball) !== integrity) pack(`${name}@${version}`, { tarball, integrity });
  mkdirSync(into, { recursive: true });
  unpack(tarball, into);
}

/** As npm does it: whoever packed may have kept files from others, and whoever trains need not be whoever sets up. */
function unpack(tarball, into) {
  for (const [command, ...args] of [
    ['tar', '-xzf', tarball, '-C', into, '--strip-components=1', '--no-same-owner'],
    ['chmod', '-R', '+rX', into],
  ]) {
    const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
    if (status !== 0) throw new Refusal('UNPACK_FAILED', `${tarball} cannot be unpacked: ${lastLine(stderr)}`);
  }
}

function pack(wanted, { tarball, integrity }) {
  const cacheDir = join(tarball, '..');
  mkdirSync(cacheDir, { recursive: true });
  const dir = mkdtempSync(join(cacheDir, 'unfinished-'));
  try {
    const args = ['pack', wanted, '--silent', '--prefer-offline', '--pack-destination', dir];
    const { status, stdout, stderr } = spawnSync('npm', args, { cwd: dir, encoding: 'utf8' });
    if (status !== 0) {
      throw new Refusal(
        'PACKAGE_UNREACHABLE',
        `npm could not fetch ${wanted}: ${lastLine(stderr)}. Without a network put the file that \`npm pack ${wanted}\` makes elsewhere at ${tarball}.`,
      );
    }
    const file = join(dir, lastLine(stdout));
    const found = integrityOf(file);
    if (found !== integrity) {
      throw new Refusal('PACKAGE_WRONG', `${wanted}: expected ${integrity} as in package-lock.json, got ${found}.`);
    }
    renameSync(file, tarball);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function integrityOf(file) {
  return `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}
