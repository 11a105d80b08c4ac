import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { Registry } from '#registry';
import { makeArtefact } from '../factories/artefact.js';
import { classPaths, makeDataDir } from '../factories/labelled-pictures.js';
import { runLineside } from '../factories/lineside.js';
import { freePort, tempDir } from '../factories/tools.js';

const Report = z.object({
  isReady: z.boolean(),
  findings: z.array(
    z.object({
      about: z.string(),
      state: z.enum(['ok', 'gap', 'blocked']),
      found: z.string(),
      advice: z.string().nullable(),
    }),
  ),
});

/** A configuration file with its own folders and ports. */
function configure(dir: string, more: object = {}): string {
  const file = join(dir, 'line.yaml');
  const inspector = { id: 'i1', station: 'a/b/c/d/e', dataDir: join(dir, 'data') };
  const own = { inspector, registry: { dir: join(dir, 'registry') }, http: { port: 0 }, broker: { embeddedPort: 0 } };
  writeFileSync(file, JSON.stringify({ ...own, ...more }));
  return file;
}

/** A module that lets a process fail as where better-sqlite3 was compiled for another Node. @returns its address */
function anotherNode(dir: string): string {
  const file = join(dir, 'another-node.mjs');
  writeFileSync(
    file,
    `const open = process.dlopen;
    process.dlopen = (module, path, ...more) => {
      if (!path.endsWith('better_sqlite3.node')) return open.call(process, module, path, ...more);
      const message = \`The module '\${path}'\\nwas compiled against a different Node.js version using\\nNODE_MODULE_VERSION 1.\`;
      throw Object.assign(new Error(message), { code: 'ERR_DLOPEN_FAILED' });
    };`,
  );
  return pathToFileURL(file).href;
}

describe('lineside doctor', () => {
  it('exits 0 where the line could run, and prints what it saw for people and programs', async () => {
    const dir = tempDir();
    const registry = await Registry.open(join(dir, 'registry'), { create: true });
    await registry.put((await makeArtefact()).dir);
    await registry.activate({ recipe: 'chip', id: 'tiny-1', by: 'Ada' });
    const config = configure(dir);
    const { exitCode, stdout, stderr } = await runLineside(['doctor', '--config', config]);
    assert.equal(exitCode, 0, stderr + stdout);
    assert.match(stdout, /^STATE +WHAT +FOUND$/m);
    assert.match(stdout, /^(ok|gap) +Node +\d/m);
    assert.match(stdout, /^ok +recipe chip +tiny-1, promoted by Ada$/m);
    assert.match(stdout, /^ok +broker +embedded/m);
    assert.match(stdout, /^ok +page +the page, 127\.0\.0\.1:0$/m);
    const read = await runLineside(['doctor', '--config', config, '--json']);
    const { isReady, findings } = Report.parse(JSON.parse(read.stdout));
    assert.equal(isReady, true);
    for (const { state, advice, about } of findings) assert.equal(advice === null, state === 'ok', about);
    const seen = findings.map(({ about }) => about);
    for (const about of ['CPU', 'memory', 'TensorFlow', 'training', 'weights', 'ONNX Runtime', 'CUDA driver'])
      assert.ok(seen.includes(about), about);
    for (const about of ['Vulkan adapters', 'inference', 'plant database', 'data folder', 'registry', 'feature cache'])
      assert.ok(seen.includes(about), about);
  });

  it('exits 1 and names broker, model and runtime that are not there; a plant database away is a gap', async () => {
    const dir = tempDir();
    await Registry.open(join(dir, 'registry'), { create: true });
    const port = await freePort();
    const config = configure(dir, {
      broker: { url: `mqtt://127.0.0.1:${port}` },
      plant: { type: 'postgres', url: `postgres://lineside@127.0.0.1:${port}/plant` },
      inference: { runtime: 'onnx-tensorrt' },
    });
    const { exitCode, stdout, stderr } = await runLineside(['doctor', '--config', config]);
    assert.equal(exitCode, 1, stdout);
    assert.match(stderr, /^error LINE_BLOCKED: .*inference, broker, recipe chip above/);
    assert.match(stdout, new RegExp(`^blocked +broker +mqtt://127.0.0.1:${port} cannot be used: .*ECONNREFUSED`, 'm'));
    assert.match(stdout, /^blocked +recipe chip +no model is active\n +-> lineside promote ID --recipe chip/m);
    assert.match(stdout, /^blocked +inference +onnx-tensorrt is configured and not here/m);
    assert.match(stdout, /^gap +plant database +PostgreSQL on 127.0.0.1:\d+ cannot be used/m);
  });

  it('SQLITE_NOT_LOADED: says of packages that another Node installed what to do, as every command does', async () => {
    const dir = tempDir();
    const config = configure(dir);
    const env = { NODE_OPTIONS: `--import=${anotherNode(dir)}` };
    const told =
      /better-sqlite3 does not load in Node [\d.]+: it was installed for another Node\. Run npm ci with this Node/;
    const { exitCode, stdout, stderr } = await runLineside(['doctor', '--config', config], env);
    assert.equal(exitCode, 1, stdout);
    assert.match(stderr, /see SQLite, /);
    assert.match(stdout, new RegExp(`^blocked +SQLite +${told.source}`, 'm'));
    const data = await makeDataDir(classPaths({ good: 10, defect: 10 }));
    const registry = join(dir, 'registry');
    for (const args of [
      ['inspector', '--config', config],
      ['train', '--data', data, '--out', join(dir, 'run'), '--registry', registry],
      ['shadow', 'compare', '--line', dir, '--shadow', dir],
    ]) {
      const ended = await runLineside(args, env);
      assert.equal(ended.exitCode, 1);
      assert.match(ended.stderr, new RegExp(`^error SQLITE_NOT_LOADED: ${told.source}`));
    }
  });

  it('still looks at the machine where the configuration is not valid', async () => {
    const config = configure(tempDir(), { nonsense: 1 });
    const { exitCode, stdout } = await runLineside(['doctor', '--config', config]);
    assert.equal(exitCode, 1);
    assert.match(stdout, /^blocked +configuration +Configuration .*nonsense/ms);
    assert.match(stdout, /^\w+ +ONNX Runtime +\d/m);
  });
});
