import { readdirSync, readFileSync } from 'node:fs';

/** Of the kernel's clock that counts processor time; Linux has used 100 Hz for its users on every machine. */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/PID/stat after the name: proc(5) counts state as 3, utime as 14, stime as 15. */
const [UTIME, STIME] = [11, 12];

/** A process and everything it started. */
export function withChildren(pid: number): number[] {
  const children = listTasks(pid).flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(' '));
  return [pid, ...children.flatMap((child) => (child === '' ? [] : withChildren(Number(child))))];
}

/** Processor time so far, user and system, all threads, ms. A process that is gone counts nothing. */
export function cpuMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + ticksOf(pid) * (1000 / TICKS_PER_SECOND), 0);
}

/** Largest resident memory so far, MB. */
export function peakMemoryMb(pid: number): number {
  const [, kb] = /^VmHWM:\s+(\d+) kB/m.exec(read(`/proc/${pid}/status`)) ?? [];
  return Number(kb ?? Number.NaN) / 1024;
}

function ticksOf(pid: number): number {
  const text = read(`/proc/${pid}/stat`);
  // The name stands in brackets and may hold anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return Number(fields[UTIME] ?? 0) + Number(fields[STIME] ?? 0);
}

function listTasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return '';
  }
}
