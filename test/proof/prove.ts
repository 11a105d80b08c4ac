// `npm run proof [-- keras|torch|goldens …] [--only NAME] [--keras-python FILE] [--torch-python FILE]`: every network against
// the libraries themselves. `keras` (default) and `torch` write their table to docs/keras-agreement.md; `goldens` rewrites what
// test/golden stores of both.
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chooseBackend } from '#model/backend/choose';
import { LARGEST_DIFFERENCE, readReference } from '../factories/agreement.js';
import { readWords } from '../factories/read-words.js';
import { type Agreement, Comparison } from './compare.js';
import { type EnvironmentName, makeEnvironment, ROOT } from './environment.js';
import { compareLayers, writeStructures } from './layers.js';
import { KERAS_FORMATS, Library, NETWORKS } from './library.js';
import { writeTable } from './table.js';

const PARTS = ['keras', 'torch', 'goldens'];
/** Goldens are small: an odd side, so that every padding shows. */
const GOLDEN_SIZE = 45;

const { values, positionals } = readWords(
  {
    allowPositionals: true,
    options: { only: { type: 'string' }, 'keras-python': { type: 'string' }, 'torch-python': { type: 'string' } },
  },
  `npm run proof [-- ${PARTS.join('|')} --only NETWORK --keras-python PATH --torch-python PATH]`,
);
const parts = positionals.length > 0 ? positionals : ['keras'];
const unknown = parts.find((part) => !PARTS.includes(part));
if (unknown !== undefined) {
  console.error(`npm run proof: no part ${unknown}; there are ${PARTS.join(', ')}`);
  process.exit(2);
}
const networks = NETWORKS.filter(({ name }) => values.only === undefined || values.only === name);
await chooseBackend('wasm');
const failed: string[] = [];
for (const part of parts) {
  if (part === 'keras') await proveKeras();
  else if (part === 'torch') await proveTorch();
  else await rewriteGoldens();
}
for (const line of failed) console.error(`DIFFERS: ${line}`);
process.exitCode = failed.length > 0 ? 1 : 0;

async function proveKeras(): Promise<void> {
  const rows: Agreement[] = [];
  failed.push(...(await compareLayers('keras', python('keras'))));
  await withLibrary('keras', async (library) => {
    for (const network of networks.filter(({ keras }) => keras !== null)) {
      // One file as published: the classifier at the size it was trained for.
      const job = { network, formats: KERAS_FORMATS, topFormats: KERAS_FORMATS.slice(0, 1), topSize: null };
      const folder = await library.write(job);
      const comparison = new Comparison(network, await readReference(join(folder, 'expected.safetensors')));
      for (const format of KERAS_FORMATS)
        rows.push(note(await comparison.compare(join(folder, 'no-top', format), format)));
      for (const format of job.topFormats) {
        const words = `${format} with its classifier`;
        rows.push(note(await comparison.compare(join(folder, 'with-top', format), words)));
      }
      await rm(folder, { recursive: true });
    }
  });
  if (values.only === undefined) await writeTable('keras', rows);
}

async function proveTorch(): Promise<void> {
  const rows: Agreement[] = [];
  failed.push(...(await compareLayers('torch', python('torch'))));
  await withLibrary('torch', async (library) => {
    for (const network of networks) {
      for (const layout of Object.keys(network.torch)) {
        const folder = await library.write({ network, layout });
        const comparison = new Comparison(network, await readReference(join(folder, 'expected.safetensors')));
        rows.push(note(await comparison.compare(join(folder, 'checkpoint.safetensors'), 'safetensors')));
        await rm(folder, { recursive: true });
      }
    }
  });
  if (values.only === undefined) await writeTable('torch', rows);
}

async function rewriteGoldens(): Promise<void> {
  const members = networks.filter(({ inCi, name }) => inCi || name === 'efficientnet-lite0');
  const small = members.map((network) => ({ ...network, size: GOLDEN_SIZE }));
  const keep = async (folder: string, name: string) => {
    await copyFile(join(folder, 'expected.safetensors'), join(ROOT, 'test/golden', `${name}.golden.safetensors`));
    console.log(`wrote test/golden/${name}.golden.safetensors`);
  };
  await withLibrary('keras', async (library) => {
    for (const network of small.filter(({ keras }) => keras !== null)) {
      await keep(await library.write({ network, formats: [], topFormats: [], topSize: null }), `keras-${network.name}`);
    }
  });
  await withLibrary('torch', async (library) => {
    for (const network of small) {
      for (const layout of Object.keys(network.torch)) {
        await keep(await library.write({ network, layout }), `${layout}-${network.name}`);
      }
    }
  });
  await writeStructures({ keras: python('keras'), torch: python('torch') });
}

function note(agreement: Agreement): Agreement {
  const { network, layout, format, inner, embedding } = agreement;
  const line = `${network} ${layout} ${format}: inner ${inner.toExponential(1)}, embedding ${embedding.toExponential(1)}`;
  console.log(line);
  if (Math.max(inner, embedding) > LARGEST_DIFFERENCE) failed.push(line);
  return agreement;
}

async function withLibrary(name: EnvironmentName, work: (library: Library) => Promise<void>): Promise<void> {
  const out = await mkdtemp(join(tmpdir(), 'lineside-proof-'));
  const library = new Library(python(name), `write_${name}.py`, out);
  try {
    await work(library);
  } finally {
    await library.close();
    await rm(out, { recursive: true, force: true });
  }
}

/** The given Python, which has the library, or one of an environment of our own. */
function python(name: EnvironmentName): string {
  return values[`${name}-python`] ?? makeEnvironment(name, 'python3');
}
