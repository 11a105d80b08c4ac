import { setTimeout as wait } from 'node:timers/promises';

/** Also where a test holds the clock. */
const now = performance.now.bind(performance);

/** Ask again and again until it is so. @throws Error saying what was waited for when that takes too long */
export async function until(isSo: () => boolean | Promise<boolean>, what: string, timeoutMs = 30_000): Promise<void> {
  const end = now() + timeoutMs;
  while (!(await isSo())) {
    if (now() > end) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await wait(20);
  }
}
