import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endBy, hearEnd } from '#contracts/told-to-end';

/** Everything the bench started and that has not ended. */
const alive = new Set<ChildProcess>();

/** Remember a child, so that it does not outlive the bench. */
export function track<Child extends ChildProcess>(child: Child): Child {
  alive.add(child);
  child.once('exit', () => alive.delete(child));
  child.once('error', () => alive.delete(child));
  return child;
}

/**
 * Do a bench's work in a folder of its own. Neither that folder nor what was started outlives it, whether it ends well, fails
 * or is told to end; told so, this process ends by that signal.
 */
export async function inScratch<Result>(work: (dir: string) => Promise<Result>): Promise<Result> {
  const dir = await mkdtemp(join(tmpdir(), 'lineside-bench-'));
  const end = hearEnd();
  const told = once(end, 'abort').then((): never => {
    throw end.reason;
  });
  try {
    return await Promise.race([work(dir), told]);
  } finally {
    await endAll();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    if (end.aborted) endBy(end.reason.signal);
  }
}

/** End what is left and see it gone, inspectors in order: they take their workers with them. */
async function endAll(): Promise<void> {
  await Promise.all(
    [...alive].map(async (child) => {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }),
  );
}
