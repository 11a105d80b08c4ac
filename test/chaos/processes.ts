import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import type { InspectorProcess } from '../factories/inspector-process.js';

/** Process ids of the children of a process whose command line holds these words. Linux. */
export function findChildren(pid: number, words: string): number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '),
  );
  return children.filter((child) => child !== '' && commandOf(child).includes(words)).map(Number);
}

/** Memory of a process that is not swapped out, bytes. */
export function readResidentBytes(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1_024;
}

/** Empty for one that has just ended. */
function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

/** End an inspector; nothing where it has ended. */
export async function end(inspector: InspectorProcess | null, signal: NodeJS.Signals): Promise<void> {
  const { child } = inspector ?? {};
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}
