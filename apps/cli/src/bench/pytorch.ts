import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { DependencyError } from '#contracts';
import type { Contender } from './contender.js';
import { track } from './scratch.js';

/** Compiled files lie in dist/apps/cli/src/bench. */
const SCRIPT = fileURLToPath(new URL('../../../../../test/bench/train_step.py', import.meta.url));
const Ready = z.object({ version: z.string(), threads: z.number() });
const Times = z.array(z.number());

export interface PyTorchWork {
  readonly python: string;
  /** Index of the first open block of EfficientNet-Lite0. */
  readonly cut: number;
  readonly batch: number;
  /** `eval`: layers in inference mode; `folded`: inside the convolutions, as ours are. */
  readonly norms: 'eval' | 'folded';
}

/**
 * The same step in PyTorch, eager, tensors with the channels last, which is its faster layout on CPUs.
 * @throws DependencyError BENCH_PYTHON when there is no such Python or it has no torch
 */
export async function startPyTorch({ python, cut, batch, norms }: PyTorchWork): Promise<Contender> {
  const args = [SCRIPT, '--cut', String(cut), '--batch', String(batch), '--norms', norms, '--channels-last'];
  const child = track(spawn(python, args, { stdio: ['pipe', 'pipe', 'pipe'] }));
  let complaint = '';
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += String(chunk);
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'close').then(
    () => null,
    (error: Error) => {
      complaint += error.message;
      return null;
    },
  );
  const answer = async (): Promise<unknown> => {
    const line = await Promise.race([once(lines, 'line').then(([text]) => String(text)), ended]);
    if (line !== null) return JSON.parse(line);
    const last = complaint.trim().split('\n').at(-1) ?? '';
    throw new DependencyError(
      'BENCH_PYTHON',
      `${python} cannot run the step in PyTorch: ${last}. Expected a Python with torch: --python PATH.`,
    );
  };
  const { version, threads } = Ready.parse(await answer());
  return {
    name: `PyTorch, norms ${norms === 'eval' ? 'in eval mode' : 'folded'}`,
    words: `torch ${version}, ${threads} threads`,
    run: async (steps) => {
      child.stdin.write(`${steps}\n`);
      return Times.parse(await answer());
    },
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
