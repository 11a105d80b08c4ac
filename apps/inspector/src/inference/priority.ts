import { readdirSync, readFileSync } from 'node:fs';
import { setPriority } from 'node:os';

/** Of a worker that starts beside others at work, as `nice` counts: a tenth of a core that both want, all of an idle one. */
const BEHIND = 10;
const AS_EVERYBODY = 0;
/** Bit of the right to raise priorities (capabilities(7)). */
const CAP_SYS_NICE = 23n;
/** What `RLIMIT_NICE` is where a process may take nice 0 back (getrlimit(2): 20 less the nice value). */
const NICE_0 = 20;

/** Let a process that starts compute with what others leave, where it can be given its place back afterwards. */
export function standBack(pid: number): void {
  if (mayStepUp()) setAll(pid, BEHIND);
}

/** Give it the place of everybody. */
export function stepUp(pid: number): void {
  if (mayStepUp()) setAll(pid, AS_EVERYBODY);
}

/** Linux lets only those raise a priority again who may. Elsewhere nothing is lowered. */
function mayStepUp(): boolean {
  if (process.platform !== 'linux') return false;
  return isAllowed({
    status: readFileSync('/proc/self/status', 'utf8'),
    limits: readFileSync('/proc/self/limits', 'utf8'),
  });
}

/** @param own what the kernel tells of this process: `/proc/self/status` and `/proc/self/limits` */
export function isAllowed(own: { readonly status: string; readonly limits: string }): boolean {
  const capabilities = /^CapEff:\s*([0-9a-f]+)$/m.exec(own.status)?.[1] ?? '0';
  const limit = /^Max nice priority\s+(\d+)/m.exec(own.limits)?.[1] ?? '0';
  return ((BigInt(`0x${capabilities}`) >> CAP_SYS_NICE) & 1n) === 1n || Number(limit) >= NICE_0;
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
