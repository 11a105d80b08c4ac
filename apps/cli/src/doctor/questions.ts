import { fork } from 'node:child_process';
import { once } from 'node:events';
import type { NativeTensorFlow } from '#model/backend/tensorflow';
import type { Adapter } from '#model/backend/webgpu';

/** What native libraries are asked. They write to stderr as they like, and a broken one may take its process down. */
export interface Answers {
  readonly tensorflow: NativeTensorFlow;
  readonly backend: { readonly name: string; readonly device: string; readonly passedOver: readonly string[] };
  readonly adapters: readonly Adapter[];
  /** Why a downloaded provider of ONNX Runtime computes nothing here; null where it does. */
  readonly cuda: string | null;
  readonly tensorrt: string | null;
}
export type Question = keyof Answers;

export type Answer<Q extends Question> =
  | { readonly ok: true; readonly value: Answers[Q] }
  | { readonly ok: false; readonly code: string; readonly message: string };

/** Native libraries of hundreds of megabytes take seconds from a cold disk. */
export const LOAD_TIMEOUT_MS = 25_000;

/** Ask in a process of its own, which is ended when the time is over. */
export async function ask<Q extends Question>(question: Q, timeoutMs: number): Promise<Answer<Q>> {
  const child = fork(new URL('./answer-process.js', import.meta.url), [question], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const ended = once(child, 'exit').then(([code, signal]): Answer<Q> => {
    const how = signal === null ? `code ${code}` : `signal ${signal}`;
    return { ok: false, code: 'PROCESS_DIED', message: `The process that looked ended with ${how}.` };
  });
  const answered = once(child, 'message').then(([answer]) => answer as Answer<Q>);
  const answer = await Promise.race([answered, ended]);
  child.kill('SIGKILL');
  return answer;
}
