import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { stringify } from 'yaml';
import type { InspectorConfig } from '#config';
import { tempDir } from './tools.js';

const CLI = new URL('../../program/lineside.js', import.meta.url);

export interface InspectorProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly brokerUrl: string;
}

export type Environment = Readonly<Record<string, string>>;

/**
 * Start `lineside inspector --config FILE` as a process of its own, as a supervisor does; killed with its suite.
 * @param env additions to the environment
 */
export async function startInspectorProcess(config: InspectorConfig, env: Environment = {}): Promise<InspectorProcess> {
  const { child, ended } = forkInspector(config, env);
  const started = await Promise.race([once(child, 'message'), ended]);
  if (!Array.isArray(started)) throw new Error(`inspector ended at start: ${started.stderr}`);
  const [{ url, brokerUrl }] = started as [{ url: string; brokerUrl: string }];
  return { child, url, brokerUrl };
}

/** Run `lineside inspector` where it is expected to end by itself. */
export async function runInspectorProcess(
  config: InspectorConfig,
): Promise<{ exitCode: number | null; stderr: string }> {
  return forkInspector(config, {}).ended;
}

/** Start `lineside inspector` and come back before it is up. @returns how it ends: exit code and signal */
export function beginInspectorProcess(config: InspectorConfig): { pid: number; ended: Promise<unknown[]> } {
  const { child } = forkInspector(config, {});
  if (child.pid === undefined) throw new Error('the inspector was not forked');
  return { pid: child.pid, ended: once(child, 'exit') };
}

function forkInspector(
  config: InspectorConfig,
  env: Environment,
): {
  child: ChildProcess;
  ended: Promise<{ exitCode: number | null; stderr: string }>;
} {
  const file = join(tempDir(), 'inspector.yaml');
  writeFileSync(file, stringify(config));
  const child = fork(CLI, ['inspector', '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, ...env },
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close').then(() => ({ exitCode: child.exitCode, stderr }));
  return { child, ended };
}
