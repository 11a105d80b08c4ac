import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** The program. */
export const LINESIDE = fileURLToPath(new URL('../../program/lineside.js', import.meta.url));

export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Run `lineside` as a person does, in a process of its own. */
export function runLineside(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  return runNode([LINESIDE, ...args], env);
}

/** Run Node in the checkout, with these additions to the environment. */
export async function runNode(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode: exitCode as number | null, stdout, stderr };
}

/** Start a server of `lineside` and wait for the first line of its log that holds `event`; end it by a signal. */
export async function startLineside(
  args: readonly string[],
  event: string,
): Promise<{ child: ChildProcess; line: string }> {
  const child = spawn(process.execPath, [LINESIDE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const line of createInterface({ input: child.stdout })) if (line.includes(event)) return { child, line };
  throw new Error(`lineside ${args.join(' ')} ended before it said ${event}`);
}
