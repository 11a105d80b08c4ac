import { readdirSync, readFileSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';

/** Of a worker that starts beside others at work, as `nice` counts: a tenth of a core that both want, all of an idle one. */
const BEHIND = 10;
const LAST = 19;
/** Bit of the right to raise priorities (capabilities(7)). */
const CAP_SYS_NICE = 23n;
/** `RLIMIT_NICE` is 20 less the lowest nice value that a process may take (getrlimit(2)). */
const NICE_CEILING = 20;

/**
 * Let a process that starts compute with what others leave, where it can be given this process's own place afterwards: Linux
 * lets only those raise a priority again who may. Elsewhere nothing is lowered.
 * @returns gives it that place
 */
export function standBack(pid: number): () => void {
  const place = getPriority();
  if (!mayRaiseTo(place)) return () => undefined;
  setAll(pid, Math.min(place + BEHIND, LAST));
  return () => setAll(pid, place);
}

function mayRaiseTo(place: number): boolean {
  if (process.platform !== 'linux') return false;
  const [status = '', limits = ''] = ['status', 'limits'].map((name) => readFileSync(`/proc/self/${name}`, 'utf8'));
  return isAllowed({ status, limits }, place);
}

/**
 * @param own what the kernel tells of this process: `/proc/self/status` and `/proc/self/limits`
 * @param place nice value to go back to
 */
export function isAllowed(own: { readonly status: string; readonly limits: string }, place: number): boolean {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(own.status)?.[1] ?? '0';
  const limit = /^Max nice priority\s+(\d+)/m.exec(own.limits)?.[1] ?? '0';
  return ((BigInt(`0x${capabilities}`) >> CAP_SYS_NICE) & 1n) === 1n || Number(limit) >= NICE_CEILING - place;
}

/** Linux keeps a priority per thread. */
function setAll(pid: number, priority: number): void {
  for (const thread of threadsOf(pid)) {
    try {
      setPriority(thread, priority);
    } catch {
      // Gone by now, or a sandbox that forbids the call altogether.
    }
  }
}

function threadsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
