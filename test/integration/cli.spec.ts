import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, copyFileSync, existsSync, openSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, it } from 'node:test';
import { Comparison, Evaluation, Report } from '#contracts';
import { ModelCard } from '#model/card';
import { Registry } from '#registry';
import { makeArtefact, redPicture, tinyScore } from '../factories/artefact.js';
import { classPaths, makeDataDir } from '../factories/labelled-pictures.js';
import { type Ended, LINESIDE, runLineside, startLineside } from '../factories/lineside.js';
import { tempDir } from '../factories/tools.js';

const VERBS = ['train', 'evaluate', 'threshold', 'promote', 'models', 'inspector', 'trainer', 'weights', 'replay'];
const REDS = { 'good/1.png': 60, 'good/2.png': 90, 'defect/1.png': 200, 'defect/2.png': 140 };

async function makeReds(): Promise<string> {
  const dir = await makeDataDir(Object.keys(REDS));
  for (const [path, red] of Object.entries(REDS)) writeFileSync(join(dir, path), await redPicture(red));
  return dir;
}

/** One error, on one line, without a stack; nothing on stdout. */
function assertFailed(ended: Ended, expected: { exitCode: 1 | 2; says: RegExp }): void {
  assert.equal(ended.exitCode, expected.exitCode, ended.stderr);
  assert.match(ended.stderr, expected.says);
  assert.doesNotMatch(ended.stderr, /\n {4}at /);
  assert.equal(ended.stdout, '');
}

describe('the lineside command line', () => {
  it('explains itself and every verb', async () => {
    const { exitCode, stdout } = await runLineside(['--help']);
    assert.equal(exitCode, 0);
    for (const verb of VERBS) assert.match(stdout, new RegExp(`^ {2}${verb}\\b`, 'm'));
    const helps = await Promise.all(
      [['train'], ['models', 'rollback']].map((verb) => runLineside([...verb, '--help'])),
    );
    for (const help of helps) {
      assert.equal(help.exitCode, 0);
      assert.match(help.stdout, /^Usage: lineside /);
    }
    assert.match(helps[1]?.stdout ?? '', /--by <name> .*; required\n/, 'what cannot be left out is marked');
  });

  it('answers --help without loading what trains, judges or serves', async () => {
    const dir = tempDir();
    await runLineside(['--help'], { NODE_V8_COVERAGE: dir });
    const loaded = readdirSync(dir).map((file) => readFileSync(join(dir, file), 'utf8'));
    assert.equal(loaded.length, 1);
    assert.match(loaded.join(), /program\/lineside\.js/);
    assert.doesNotMatch(loaded.join(), /node_modules\/(@tensorflow|onnxruntime-node|sharp)\//);
    assert.doesNotMatch(loaded.join(), /program\/print-table/);
    assert.doesNotMatch(loaded.join(), /"functionName":"(NestApplication|DataSource|MqttClient|Aedes)"/);
  });

  it('refuses words, options and values it does not know', async () => {
    const refused = [
      [['bogus'], /unknown command 'bogus'/],
      [['models', 'bogus'], /too many arguments|unknown command/],
      [['evaluate', '--model', 'm', '--data', 'd', '--sbset', 'test'], /unknown option '--sbset'/],
      [
        ['evaluate', '--model', 'm', '--data', 'd', '--subset', 'tst'],
        /'--subset <side>' argument 'tst' is invalid\. Expected one of train, val/,
      ],
      [
        ['train', '--data', 'd', '--out', 'o', '--set', 'epochs'],
        /'--set <key=value>' argument 'epochs' is invalid\. Expected key=value/,
      ],
      [['models', 'rollback'], /'--by <name>' not specified/],
      [['train'], /required options '--data <dir>', '--out <dir>' not specified/],
      [['train', '--dat', 'd'], /^error: unknown option '--dat'\n\(Did you mean --data\?\)/],
    ] as const;
    const ended = await Promise.all(refused.map(([args]) => runLineside(args)));
    for (const [i, [, says]] of refused.entries()) assertFailed(ended[i] as Ended, { exitCode: 1, says });
  });

  it('ends without a word where its reader has seen enough, and says why where the disk is full', async () => {
    const full = openSync('/dev/full', 'w');
    const unread = async (words: readonly string[], stdout: 'pipe' | number) => {
      const child = spawn(process.execPath, [LINESIDE, ...words], { stdio: ['ignore', stdout, 'pipe'] });
      child.stdout?.destroy();
      const [said, [exitCode]] = await Promise.all([text(child.stderr as Readable), once(child, 'close')]);
      return [exitCode, said];
    };
    for (const words of [
      ['plan', 'show'],
      ['train', '--help'],
    ]) {
      assert.deepEqual(await unread(words, 'pipe'), [1, ''], words.join(' '));
      const [exitCode, said] = await unread(words, full);
      assert.equal(exitCode, 1);
      assert.match(said, /^error OUTPUT_LOST: [^\n]*ENOSPC[^\n]*\n$/);
    }
    closeSync(full);
  });

  it('shows the stack only where LINESIDE_DEBUG asks for it', async () => {
    const args = ['models', 'list', '--registry', join(tempDir(), 'none')];
    assertFailed(await runLineside(args), { exitCode: 1, says: /^error REGISTRY_MISSING: / });
    assert.match((await runLineside(args, { LINESIDE_DEBUG: '1' })).stderr, /\n {4}at /);
  });
});

describe('lineside evaluate', () => {
  it('writes figures and scores of a model given by directory or by id', async () => {
    const out = tempDir();
    const registry = await Registry.open(join(out, 'registry'), { create: true });
    const { dir, card } = await makeArtefact();
    await registry.put(dir);
    const data = await makeReds();
    for (const model of [dir, card.id]) {
      const files = ['--json', join(out, 'figures.json'), '--scores', join(out, 'scores.csv')];
      const args = ['evaluate', '--model', model, '--registry', registry.dir, '--data', data, ...files];
      const { exitCode, stdout, stderr } = await runLineside(args);
      assert.equal(exitCode, 0, stderr);
      assert.match(stdout, /tiny-1 on all +4 pictures +2 defects, 2 good/);
      assert.match(stdout, /^computed in fp32 by onnxruntime-node .* cpu /m);
      const { n, positives, auroc, atThreshold } = Evaluation.parse(JSON.parse(readFileSync(files[1] ?? '', 'utf8')));
      assert.deepEqual([n, positives, auroc, atThreshold.fn, atThreshold.fp], [4, 2, 1, 0, 0]);
      const [head, ...rows] = readFileSync(files[3] ?? '', 'utf8')
        .trim()
        .split('\n');
      assert.equal(head, 'path,label,score,verdict,reason');
      for (const row of rows) {
        const [path = '', label, score, verdict] = row.split(',');
        assert.equal(label, path.split('/')[0]);
        assert.ok(Math.abs(Number(score) - tinyScore(REDS[path as keyof typeof REDS])) < 1e-5, row);
        assert.equal(verdict, label === 'good' ? 'PASS' : 'FAIL');
      }
    }
  });

  it('writes a page and its figures, and holds two models against each other', async () => {
    const out = tempDir();
    const { dir } = await makeArtefact();
    const data = await makeReds();
    const page = join(out, 'report.html');
    const report = await runLineside(['report', '--model', dir, '--data', data, '--out', page, '--robustness', '4']);
    assert.equal(report.exitCode, 0, report.stderr);
    assert.match(readFileSync(page, 'utf8'), /^<!doctype html>(.|\n)*0 of 2/);
    const { figures, robustness } = Report.parse(JSON.parse(readFileSync(join(out, 'report.json'), 'utf8')));
    assert.deepEqual([figures.n, robustness?.defects, robustness?.goods], [4, 2, 2]);
    const files = ['--out', join(out, 'compare.html'), '--json', join(out, 'compare.json')];
    const compared = await runLineside(['compare', dir, dir, '--data', data, ...files]);
    assert.equal(compared.exitCode, 0, compared.stderr);
    assert.match(
      compared.stdout,
      /^AUROC: A 1\.0000, B 1\.0000, difference \+0\.0000: too few groups to tell, 2 of a kind /m,
    );
    assert.equal(Comparison.parse(JSON.parse(readFileSync(join(out, 'compare.json'), 'utf8'))).n, 4);
  });

  it('writes nothing where the data or the model is not sound', async () => {
    const json = join(tempDir(), 'figures.json');
    const { dir } = await makeArtefact();
    const none = join(tempDir(), 'none');
    const evaluate = (model: string, data: string) =>
      runLineside(['evaluate', '--model', model, '--data', data, '--json', json]);
    assertFailed(await evaluate(dir, none), { exitCode: 1, says: /^error DATA_MISSING: .*none/ });
    assertFailed(await evaluate(none, await makeReds()), { exitCode: 1, says: /^error MODEL_MISSING: / });
    writeFileSync(join(dir, 'model.onnx'), 'changed');
    assertFailed(await evaluate(dir, await makeReds()), { exitCode: 1, says: /^error MODEL_HASH: .*model\.onnx/ });
    assert.ok(!existsSync(json));
  });
});

describe('lineside promote and models', () => {
  it('makes a registry, lists what is in it, promotes in a name and goes back', async () => {
    const dir = join(tempDir(), 'registry');
    const where = ['--registry', dir];
    assert.match((await runLineside(['models', 'init', ...where])).stdout, /is ready\.\n$/);
    const registry = await Registry.open(dir);
    for (const id of ['m-1', 'm-2']) await registry.put((await makeArtefact({ id })).dir);
    for (const id of ['m-1', 'm-2']) {
      const { exitCode, stdout } = await runLineside(['promote', id, '--by', 'Ada', ...where]);
      assert.equal(exitCode, 0);
      assert.match(stdout, new RegExp(`^${id} inspects recipe chip from now on, by Ada\\.`));
    }
    const { stdout } = await runLineside(['models', 'list', ...where]);
    assert.match(stdout, /^m-1 .* -$/m);
    assert.match(stdout, /^m-2 .*1\.0000 +0 of 10 +0 of 10 +not kept +chip \(by Ada\)$/m);
    const shown = ModelCard.parse(JSON.parse((await runLineside(['models', 'show', 'm-1', ...where])).stdout));
    assert.equal(shown.id, 'm-1');
    const back = await runLineside(['models', 'rollback', '--by', 'Ada', ...where]);
    assert.match(back.stdout, /^m-1 inspects recipe chip again, by Ada\./);
    assert.equal((await registry.active('chip'))?.modelId, 'm-1');
  });

  it('takes a model that was trained elsewhere, whole or not at all, and lets it inspect nothing', async () => {
    const where = ['--registry', join(tempDir(), 'registry')];
    const { dir } = await makeArtefact({ id: 'm-1' });
    const { exitCode, stdout } = await runLineside(['models', 'import', dir, ...where]);
    assert.equal(exitCode, 0);
    assert.match(stdout, /^m-1 is in registry .*\. lineside promote lets it inspect\.$/m);
    const { dir: damaged } = await makeArtefact({ id: 'm-2' });
    writeFileSync(join(damaged, 'model.onnx'), 'half of it');
    const refused = await runLineside(['models', 'import', damaged, ...where]);
    assertFailed(refused, { exitCode: 1, says: /^error MODEL_HASH: .*model\.onnx/ });
    const [, ...listed] = (await runLineside(['models', 'list', ...where])).stdout.trim().split('\n');
    assert.equal(listed.length, 1);
    assert.match(listed.join(), /^m-1 .* -$/);
  });

  it('exits 2 where a gate refuses, and the name demo counts only in a demonstration', async () => {
    const [real, demo] = [join(tempDir(), 'real'), join(tempDir(), 'demo')];
    const { dir } = await makeArtefact();
    for (const [path, isDemo] of [
      [real, false],
      [demo, true],
    ] as const) {
      await (await Registry.open(path, { create: true, demo: isDemo })).put(dir);
    }
    const promote = (by: string, registry: string) =>
      runLineside(['promote', 'tiny-1', '--by', by, '--registry', registry]);
    assertFailed(await promote('demo', real), { exitCode: 2, says: /^refused PROMOTE_DEMO_NAME: / });
    assertFailed(await promote(' ', real), { exitCode: 2, says: /^refused PROMOTE_NAME: / });
    const back = await runLineside(['models', 'rollback', '--by', 'Ada', '--registry', real]);
    assertFailed(back, { exitCode: 2, says: /^refused NOTHING_TO_ROLL_BACK: / });
    assert.equal((await promote('demo', demo)).exitCode, 0);
  });
});

describe('lineside data check', () => {
  it('shows what is wrong, and exits 2 where training would refuse it: DATA_REFUSED', async () => {
    const data = await makeDataDir(classPaths({ good: 6, defect: 6 }));
    copyFileSync(join(data, 'good/000.png'), join(data, 'defect/twin.png'));
    const out = join(tempDir(), 'check');
    const dirs = ['--data', data, '--out', out, '--cache', join(tempDir(), 'cache')];
    const { exitCode, stdout, stderr } = await runLineside(['data', 'check', ...dirs, '--set', 'backend=wasm']);
    assert.equal(exitCode, 2, stderr);
    assert.match(stdout, /^13 pictures: .* 1 pair under two labels/m);
    const words =
      /^refused DATA_REFUSED: Training would refuse this data: 1 pair of equal bytes under two labels.*index\.html shows/m;
    assert.match(stderr, words);
    assert.ok(existsSync(join(out, 'index.html')));
  });
});

describe('lineside train', () => {
  it('tells a program that listens why it did not start', async () => {
    const args = ['train', '--data', 'd', '--out', join(tempDir(), 'out'), '--set', 'nonsense=1', '--events'];
    const { exitCode, stdout } = await runLineside(args);
    assert.equal(exitCode, 1);
    const { event, code, message } = JSON.parse(stdout);
    assert.deepEqual([event, code], ['failed', 'PLAN_INVALID']);
    assert.match(message, /nonsense/);
  });
});

describe('lineside trainer', () => {
  it('serves until SIGTERM and exits 0, and fails at once on a port in use', async () => {
    const dir = tempDir();
    const configure = (port: number): string[] => {
      const config = { trainer: { runsDir: `${dir}/runs` }, registry: { dir: `${dir}/registry` }, http: { port } };
      writeFileSync(join(dir, `${port}.yaml`), JSON.stringify(config));
      return ['trainer', '--config', join(dir, `${port}.yaml`)];
    };
    const { child, line } = await startLineside(configure(0), '"event":"started"');
    const { url } = JSON.parse(line);
    assert.equal((await fetch(new URL('/health/live', url))).status, 200);
    const second = await runLineside(configure(Number(new URL(url).port)));
    assertFailed(second, { exitCode: 1, says: /^error PORT_IN_USE: / });
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    assert.deepEqual(await ended, [0, null]);
    const { child: again } = await startLineside(configure(0), '"event":"started"');
    const hungUp = once(again, 'exit');
    again.kill('SIGHUP');
    assert.deepEqual(await hungUp, [null, 'SIGHUP'], 'its terminal is closed');
  });
});
