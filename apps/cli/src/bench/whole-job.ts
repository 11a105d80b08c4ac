import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DependencyError } from '#contracts';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { inScratch, track } from './scratch.js';

/** Compiled files lie in dist/apps/cli/src/bench. */
const SCRIPT = fileURLToPath(new URL('../../../../../test/bench/whole_job.py', import.meta.url));
const LINESIDE = fileURLToPath(new URL('../main.js', import.meta.url));

export interface WholeJobBench {
  readonly data: string;
  readonly split: string | undefined;
  /** Names of the good class; default `good`. */
  readonly good: readonly string[] | undefined;
  readonly group: string | undefined;
  /** `--set` of the product. */
  readonly settings: Readonly<Record<string, string>>;
  /** Time the WebAssembly backend too, which takes minutes. */
  readonly isOnWasmToo: boolean;
  /** Python with torch, safetensors and Pillow; null = no peer. */
  readonly python: string | null;
  readonly onLine: (who: string, line: string) => void;
}

export interface JobRow {
  readonly name: string;
  readonly seconds: number;
  /** Own time over the peer's; null without one. */
  readonly toPyTorch: number | null;
  /** On the test side; null where it has none. */
  readonly figures: { readonly auroc: number; readonly maxF1: number; readonly overkillAt95: number } | null;
  /** Seconds by step, in the order in which steps ended first. */
  readonly steps: Readonly<Record<string, number>>;
}

/**
 * Time the whole job, pictures on disk to a certified model in a registry: the product with an empty cache, again with what
 * the first run left, with the `fast` preset and on WebAssembly from an empty cache each, then the same job in PyTorch.
 * Each is a process of its own and nothing runs beside it.
 * @throws DependencyError BENCH_JOB when one of them fails
 */
export async function benchWholeJob(bench: WholeJobBench): Promise<JobRow[]> {
  const jobs: readonly Job[] = [
    { name: 'lineside train', cache: 'standard', settings: {} },
    { name: 'lineside train, second run', cache: 'standard', settings: {} },
    { name: 'lineside train, fast preset', cache: 'fast', settings: { preset: 'fast' } },
    ...(bench.isOnWasmToo ? [{ name: 'lineside train on wasm', cache: 'wasm', settings: { backend: 'wasm' } }] : []),
  ];
  return inScratch(async (dir) => {
    const rows: Timed[] = [];
    for (const { name, cache, settings } of jobs) {
      const asked = { ...bench, settings: { ...bench.settings, ...settings } };
      rows.push(await runProduct(name, { dir, cache: join(dir, cache) }, asked));
    }
    const peer = bench.python === null ? null : await runPeer(bench.python, bench);
    return [...rows, ...(peer === null ? [] : [peer])].map((row) => ({
      ...row,
      toPyTorch: peer === null ? null : row.seconds / peer.seconds,
    }));
  });
}

type Timed = Omit<JobRow, 'toPyTorch'>;

/** One of the product's runs: what it has beside the settings asked for, and the cache that it shares. */
interface Job {
  readonly name: string;
  readonly cache: string;
  readonly settings: Readonly<Record<string, string>>;
}

const Step = z.object({ event: z.string(), step: z.string().optional(), phase: z.string().optional() });
const Figures = z.object({
  auroc: z.number(),
  maxF1: z.number(),
  overkillAtRecall: z.object({ '0.95': z.number() }),
});
const Card = z.object({ metrics: z.object({ test: Figures.nullable() }) });

async function runProduct(
  name: string,
  { dir, cache }: { dir: string; cache: string },
  { settings, onLine, ...data }: WholeJobBench,
): Promise<Timed> {
  const out = join(dir, 'run');
  const args = [...dataArguments(data), '--out', out, '--cache', cache, '--registry', join(dir, 'registry')];
  for (const [key, value] of Object.entries(settings)) args.push('--set', `${key}=${value}`);
  const steps: Record<string, number> = {};
  const startedMs = performance.now();
  let lastMs = startedMs;
  const training = { who: name, command: process.execPath, args: [LINESIDE, 'train', '--events', ...args] };
  await run(training, (line) => {
    const { event, step, phase } = Step.parse(JSON.parse(line));
    const ended = event === 'done' ? 'end' : (step ?? phase);
    if (event === 'progress' || ended === undefined) return;
    const nowMs = performance.now();
    steps[ended] = (steps[ended] ?? 0) + (nowMs - lastMs) / 1000;
    lastMs = nowMs;
    onLine(name, line);
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const { test } = Card.parse(JSON.parse(await readFile(join(out, 'card.json'), 'utf8'))).metrics;
  await rm(out, { recursive: true });
  const figures = test && { auroc: test.auroc, maxF1: test.maxF1, overkillAt95: test.overkillAtRecall['0.95'] };
  return { name, seconds, steps, figures };
}

const Peer = z.object({
  version: z.string(),
  threads: z.number(),
  seconds: z.record(z.string(), z.number()),
  auroc: z.number(),
  maxF1: z.number(),
  overkillAt95: z.number(),
});

async function runPeer(python: string, { onLine, ...data }: WholeJobBench): Promise<Timed> {
  const args = [SCRIPT, ...dataArguments(data), '--weights', fileURLToPath(LITE0_WEIGHTS.file)];
  let last = '';
  const startedMs = performance.now();
  const advice = ' It needs a Python with torch, safetensors and Pillow: --python PATH.';
  await run({ who: `PyTorch by ${python}`, command: python, args, advice }, (line) => {
    last = line;
    onLine('PyTorch', line);
  });
  const { version, threads, seconds, ...figures } = Peer.parse(JSON.parse(last));
  const { total, ...steps } = seconds;
  const name = `PyTorch ${version}, ${threads} threads`;
  return { name, seconds: (performance.now() - startedMs) / 1000, steps, figures };
}

/** Which pictures, as the product and its peer are told alike. */
export function dataArguments({
  data,
  split,
  good = [],
  group,
}: Pick<WholeJobBench, 'data' | 'split' | 'good' | 'group'>): string[] {
  return [
    `--data=${data}`,
    ...(split === undefined ? [] : [`--split=${split}`]),
    ...good.map((name) => `--good=${name}`),
    ...(group === undefined ? [] : [`--group=${group}`]),
  ];
}

interface Program {
  readonly who: string;
  readonly command: string;
  readonly args: readonly string[];
  /** What to do where it fails, beside what its own last words say. */
  readonly advice?: string;
}

async function run({ who, command, args, advice = '' }: Program, onLine: (line: string) => void): Promise<void> {
  const child = track(spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] }));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += String(chunk);
  });
  createInterface({ input: child.stdout }).on('line', onLine);
  const [code] = await once(child, 'close').catch((error: Error) => {
    complaint += error.message;
    return [1];
  });
  if (code === 0) return;
  const lastWords = complaint.trim().split('\n').at(-1) ?? '';
  throw new DependencyError('BENCH_JOB', `${who} could not do the job (exit code ${code}): ${lastWords}${advice}`);
}
