import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { DependencyError } from '#contracts';
import type { BackendName } from '#model/backend/choose';
import type { Contender } from './contender.js';
import { track } from './scratch.js';

/** The step that is timed. */
export interface StepWork {
  readonly backbone: string;
  /** First open block. */
  readonly freeze: string;
  /** Pictures of a step. */
  readonly batch: number;
}

export interface StepOrder extends StepWork {
  readonly backend: BackendName;
  /** null = what the backend wants. */
  readonly workers: number | null;
  /** A folder of its own. */
  readonly dir: string;
}

export type StepAnswer =
  | { readonly kind: 'ready'; readonly words: string; readonly workers: number }
  | { readonly kind: 'timed'; readonly ms: readonly number[] }
  | { readonly kind: 'failed'; readonly message: string };

/**
 * A process of this product that does such steps.
 * @throws DependencyError BENCH_STEP when the backend does not start
 */
export async function startSteps(order: StepOrder): Promise<Contender> {
  const module = new URL('./step-process.js', import.meta.url);
  const child = track(fork(module, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] }));
  const answered = expectAnswer(child, order.backend);
  child.send(order);
  const { words, workers } = await answered('ready');
  return {
    name: order.backend === 'wasm' ? `wasm, ${workers} ${workers === 1 ? 'worker' : 'workers'}` : order.backend,
    words,
    run: async (steps) => {
      child.send({ steps });
      return (await answered('timed')).ms;
    },
    stop: async () => {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    },
  };
}

type Awaited<K extends StepAnswer['kind']> = Extract<StepAnswer, { kind: K }>;

function expectAnswer(
  child: ChildProcess,
  about: string,
): <K extends StepAnswer['kind']>(kind: K) => Promise<Awaited<K>> {
  const exited = once(child, 'exit').then(
    ([code]): StepAnswer => ({ kind: 'failed', message: `it ended with ${code}` }),
  );
  return async (kind) => {
    const message = once(child, 'message').then(([answer]) => answer as StepAnswer);
    const answer = await Promise.race([message, exited]);
    if (answer.kind === kind) return answer as Awaited<typeof kind>;
    child.kill('SIGKILL');
    const why = answer.kind === 'failed' ? answer.message : `it answered ${answer.kind}`;
    throw new DependencyError('BENCH_STEP', `Steps on ${about} cannot be timed: ${why}`);
  };
}
