// Brings a checkout to the point where its programs run: packages installed, server and page built.
// Node built-ins only: nothing is installed yet. What is there and fresh is left alone, so a second call takes milliseconds.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** Both builds contain packages: another version of one is another program. */
const PACKAGES = ['package.json', 'package-lock.json'];

/** What is built, from which sources, with which command. A build is fresh while its sources hash to what the stamp says. */
const BUILDS = {
  server: { sources: ['apps', 'libs', 'config', 'test', 'tsconfig.json', ...PACKAGES, 'scripts/bundle.mjs'] },
  page: { sources: ['apps/dashboard', 'libs/contracts', ...PACKAGES] },
};
const STAMPS = join(ROOT, 'dist', '.stamps');
/** Stands in an archive of `npm run pack:offline` alone: the Node and machine it was packed for. */
export const PACKED_FOR = 'packed-for.json';

/**
 * Run what is missing or stale: `npm ci`, then the named builds.
 * @param {{ builds: ('server' | 'page')[] }} options
 * @throws Error naming the step that failed; its own words are already on the terminal
 */
export function setUp({ builds }) {
  refuseOldNode();
  const stale = builds.filter((build) => readStamp(build) !== hashSources(build));
  const reason = whyInstall({ withTools: stale.length > 0 });
  if (reason !== null) {
    refuseInPack(reason);
    step(`installing packages (${reason})`, 'npm', ['ci', '--no-audit', '--no-fund']);
  }
  for (const build of stale) {
    step(`building the ${build}`, 'npm', ['run', '--silent', `build:${build}`]);
    mkdirSync(STAMPS, { recursive: true });
    writeFileSync(join(STAMPS, build), hashSources(build));
  }
}

/** The tools that build would fail after minutes, in words of their own. */
function refuseOldNode() {
  const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const [wanted, here] = [engines.node, process.versions.node].map((text) => text.match(/\d+/g).map(Number));
  const isOld = here[0] < wanted[0] || (here[0] === wanted[0] && here[1] < wanted[1]);
  if (isOld) throw new Error(`Node ${process.versions.node} is too old: expected ${wanted.join('.')} or later`);
}

/** Without a network `npm ci` takes the packages away and brings none: the archive would be of no use to the right Node either. */
function refuseInPack(reason) {
  const file = join(ROOT, PACKED_FOR);
  if (!existsSync(file)) return;
  const { node, machine } = JSON.parse(readFileSync(file, 'utf8'));
  throw new Error(
    `packages have to be installed (${reason}), and this folder was packed for machines without a network: for Node ${node} on ${machine}; here is Node ${process.versions.node} on ${machineHere()}. Take that Node, or an archive packed for this one; with a network: npm ci`,
  );
}

/** As in `linux x64`. */
export function machineHere() {
  return `${process.platform} ${process.arch}`;
}

/**
 * Why `npm ci` is needed, or null. Compares what package-lock.json asks for with what npm noted down as installed.
 * @param {{ withTools: boolean }} options withTools: development packages count too
 */
function whyInstall({ withTools }) {
  const installed = readPackages('node_modules/.package-lock.json');
  if (installed === null) return 'none are there';
  for (const [path, wanted] of Object.entries(readPackages('package-lock.json') ?? {})) {
    if (path === '' || wanted.optional || wanted.devOptional || (wanted.dev && !withTools)) continue;
    if (installed[path]?.version !== wanted.version)
      return `${path.replace('node_modules/', '')} is not ${wanted.version}`;
  }
  return nativePackagesLoad() ? null : `they were built for another Node than ${process.version}`;
}

function readPackages(file) {
  const path = join(ROOT, file);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')).packages : null;
}

/** better-sqlite3 is the one package compiled for this very Node: it tells when Node was changed since the install. */
function nativePackagesLoad() {
  try {
    const Database = createRequire(join(ROOT, 'package.json'))('better-sqlite3');
    new Database(':memory:').close();
    return true;
  } catch (error) {
    console.error(`better-sqlite3 does not load: ${error.message}`);
    return false;
  }
}

function step(title, command, args) {
  if (command === 'npm' && args[0] === 'ci' && isLink(join(ROOT, 'node_modules'))) {
    throw new Error(
      `${title}: node_modules is a link, npm ci would empty the folder it points to; install there by hand`,
    );
  }
  const start = performance.now();
  console.log(`${title} …`);
  const { status, error } = spawnSync(command, args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) {
    throw new Error(`${title} failed: ${command} ${args.join(' ')}: ${error?.message ?? `exit code ${status}`}`);
  }
  console.log(`${title}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

function isLink(path) {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function readStamp(build) {
  const stamp = join(STAMPS, build);
  return existsSync(stamp) ? readFileSync(stamp, 'utf8') : null;
}

/** By content, not by time: a fresh clone, an unpacked archive and a switched branch all tell the truth. */
function hashSources(build) {
  const hash = createHash('sha256');
  for (const name of listSources(build))
    hash
      .update(`${name}\0`)
      .update(readFileSync(join(ROOT, name)))
      .update('\0');
  return hash.digest('hex');
}

/** What a build is made from, as git names files. */
export function listSources(build) {
  return BUILDS[build].sources
    .flatMap((source) => listFiles(join(ROOT, source)))
    .map((file) => relative(ROOT, file).split(sep).join('/'));
}

/** Every file at or below `path`, in a fixed order; hidden ones and installed packages apart. */
export function listFiles(path) {
  const entry = lstatSync(path, { throwIfNoEntry: false });
  if (entry === undefined) return [];
  if (!entry.isDirectory()) return [path];
  const names = readdirSync(path).filter((name) => !name.startsWith('.') && name !== 'node_modules');
  return names.sort().flatMap((name) => listFiles(join(path, name)));
}
