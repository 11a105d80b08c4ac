// `npm run pack:offline`: one archive of this built checkout with the packages it runs on, for a machine without any network.
// There: `tar -xzf lineside-offline-….tar.gz && cd lineside-… && npm start`. It fits the platform, processor and Node
// major it was packed on; it takes Node itself for granted.
import { spawnSync } from 'node:child_process';
import { lstatSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { listFiles, listSources, machineHere, PACKED_FOR, ROOT, setUp } from './setup.mjs';

/** Packages an offline machine does without: GPU back ends, tools that only build. */
const UNNEEDED_PACKAGES =
  /^node_modules\/(webgpu|@tensorflow\/tfjs-backend-webgpu|@tensorflow\/tfjs-node-gpu|typescript|@typescript\/.+|@types\/.+)$/;

/** Files inside packages that nothing loads at run time; licences stay. */
const UNNEEDED_FILES = [
  /\.(map|ts|mts|cts|tsbuildinfo|md|markdown|c|cc|cpp|h|o|a|html)$/, // maps, types, sources, intermediate objects, pages
  /\/@tensorflow\/[^/]+\/dist\/tf[^/]*\.(es2017|fesm|min)[^/]*\.js$/, // browser bundles beside the one for Node
  /\/@tensorflow\/[^/]+\/dist\/tf(-[a-z-]+)?\.js$/,
  /\/better-sqlite3\/(deps|src|build\/Release\/(obj|obj\.target|\.deps))\//, // what it was compiled from
  /\/(test|tests|__tests__|bench|benchmark|example|examples)\//,
];

/** onnxruntime-node carries every platform's library. */
const RUNTIME = /\/onnxruntime-node\/bin\/[^/]+\/([^/]+)\/([^/]+)\//;

/** Where it waits to be packed: in the checkout itself it would stop `npm ci`. */
const NOTE = `dist/${PACKED_FOR}`;

const BUILDS = ['server', 'page'];

const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const archive = `lineside-offline-${version}.tar.gz`;

const words = process.argv.slice(2);
if (words.length > 0) {
  console.log('usage: npm run pack:offline');
  process.exit(words.includes('--help') ? 0 : 1);
}

try {
  refuseLooseSources();
  setUp({ builds: BUILDS });
  const node = process.versions.node.split('.')[0];
  writeFileSync(join(ROOT, NOTE), JSON.stringify({ node, machine: machineHere() }));
  const files = [...checkedOut(), ...built(), ...packages(), NOTE];
  pack(files);
  const size = (statSync(join(ROOT, archive)).size / 1e6).toFixed(0);
  console.log(`${archive}: ${size} MB, ${files.length} files, for ${machineHere()} with Node ${node}`);
} catch (error) {
  console.error(`pack:offline: ${error.message}`);
  process.exitCode = 1;
}

/** Whoever unpacks has what git holds, and would build anew where the build here is of more. */
function refuseLooseSources() {
  const held = new Set(checkedOut());
  const loose = BUILDS.flatMap(listSources).find((name) => !held.has(name));
  if (loose !== undefined)
    throw new Error(`${loose} is not in git and would be missing in the archive: \`git add\` it, or move it away`);
}

/** What git holds: whoever unpacks has the sources, and the start script sees that the build is theirs. */
function checkedOut() {
  const listing = spawnSync('git', ['ls-files', '-z'], { cwd: ROOT, encoding: 'utf8' });
  if (listing.status !== 0) throw new Error('git ls-files failed: expected a git checkout to pack');
  return listing.stdout
    .split('\0')
    .filter((name) => name !== '' && lstatSync(join(ROOT, name), { throwIfNoEntry: false }));
}

function built() {
  const stamps = BUILDS.map((build) => `dist/.stamps/${build}`);
  const folders = ['dist/program', 'dist/apps/dashboard/page'].map((folder) => join(ROOT, folder));
  const files = folders.flatMap(listFiles).map((file) => relative(ROOT, file));
  return [...stamps, ...files.filter((name) => !name.endsWith('.map'))];
}

function packages() {
  const { packages: locked } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'));
  const folders = Object.entries(locked)
    .filter(([path, { dev, devOptional }]) => path !== '' && !dev && !devOptional && !UNNEEDED_PACKAGES.test(path))
    .map(([path]) => path);
  // A package's own node_modules are entries of their own in the lockfile; listFiles leaves them out.
  const files = folders.flatMap((folder) => listFiles(join(ROOT, folder))).map((file) => relative(ROOT, file));
  return ['node_modules/.package-lock.json', ...files.filter(isNeeded)];
}

function isNeeded(name) {
  if (/licen[cs]e|notice/i.test(name)) return true;
  const [, platform, processor] = RUNTIME.exec(name) ?? [null, process.platform, process.arch];
  if (platform !== process.platform || processor !== process.arch) return false;
  return !UNNEEDED_FILES.some((pattern) => pattern.test(name));
}

function pack(files) {
  console.log(`packing ${files.length} files …`);
  const options = [
    '--create',
    '--use-compress-program=gzip -9',
    `--file=${archive}.part`,
    '--null',
    '--files-from=-',
    '--owner=0',
    '--group=0',
    // Unpacked by root it serves every user, whatever the packer's umask kept to itself.
    '--mode=u=rwX,go=rX',
  ];
  const tar = spawnSync(
    'tar',
    [...options, `--transform=s,^${NOTE}$,${PACKED_FOR},`, `--transform=flags=rh;s,^,lineside-${version}/,`],
    {
      cwd: ROOT,
      input: files.join('\0'),
      stdio: ['pipe', 'inherit', 'inherit'],
    },
  );
  if (tar.status !== 0) {
    rmSync(join(ROOT, `${archive}.part`), { force: true });
    throw new Error(`tar failed: ${tar.error?.message ?? `exit code ${tar.status}`}`);
  }
  renameSync(join(ROOT, `${archive}.part`), join(ROOT, archive));
}
