import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { Client } from 'pg';
import { plantAddress } from '#config';
import { type FoundTool, freePort } from './tools.js';

const USER = 'lineside';

/** A PostgreSQL server with one empty database, on 127.0.0.1. */
export interface RunningPostgres {
  /** `postgres://lineside@127.0.0.1:port/postgres`. */
  readonly url: string;
  /** kill -9 of the server and all its processes. */
  kill(): Promise<void>;
  /** Start it again on the same files and port. */
  start(): Promise<void>;
  /** SIGSTOP: it takes connections and bytes, and says nothing. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
  rows<Row extends object>(sql: string): Promise<Row[]>;
  /** Give these folders to the user it runs under. */
  own(...folders: readonly string[]): void;
}

/**
 * Start a cluster in a temporary folder; as root, under an ordinary user, because PostgreSQL refuses root.
 * @param password asked for with scram-sha-256; without one everybody is let in
 */
export async function startPostgres({ path }: FoundTool, password: string | null = null): Promise<RunningPostgres> {
  const dir = mkdtempSync(join(tmpdir(), 'lineside-postgres-'));
  let server: ChildProcess | null = null;
  const signal = (name: NodeJS.Signals): void => {
    // Its children are sessions of their own, out of reach of a signal to the group.
    for (const pid of server?.pid === undefined ? [] : [server.pid, ...childrenOf(server.pid)]) send(pid, name);
  };
  const thaw = (): void => signal('SIGCONT');
  const kill = async (): Promise<void> => {
    if (server?.pid === undefined || server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    // A frozen child would never see that its server is gone.
    thaw();
    // The group: its children would go on for a moment.
    process.kill(-server.pid, 'SIGKILL');
    await ended;
  };
  after(async () => {
    await kill();
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  });
  const owner = findOwner();
  if (owner !== null) chownSync(dir, owner.uid, owner.gid);
  const data = join(dir, 'data');
  const initdb = join(dirname(path), 'initdb');
  const plain = [`--username=${USER}`, '--no-locale', '--encoding=UTF8', '--no-sync'];
  const access = password === null ? ['--auth=trust'] : ['--auth=scram-sha-256', `--pwfile=${join(dir, 'password')}`];
  if (password !== null) writeFileSync(join(dir, 'password'), `${password}\n`, { mode: 0o644 });
  execFileSync(initdb, ['-D', data, ...plain, ...access], { ...owner, cwd: dir, stdio: 'pipe' });
  const port = await freePort();
  const settings = [`port=${port}`, 'listen_addresses=127.0.0.1', 'unix_socket_directories=', 'shared_buffers=16MB'];
  const args = ['-D', data, ...settings.flatMap((setting) => ['-c', setting])];
  const start = async (): Promise<void> => {
    // Shared memory of a killed server may be in use until its last child is gone.
    for (let attempt = 1; ; attempt++) {
      server = spawn(path, args, { ...owner, cwd: dir, detached: true, stdio: ['ignore', 'ignore', 'pipe'] });
      const problem = await untilReady(server);
      if (problem === null) return;
      if (attempt === 20) throw new Error(`postgres does not start:\n${problem}`);
    }
  };
  await start();
  const url = `postgres://${USER}@127.0.0.1:${port}/postgres`;
  const rows = async <Row extends object>(sql: string): Promise<Row[]> => {
    const client = new Client(plantAddress(url, password));
    await client.connect();
    try {
      return (await client.query<Row>(sql)).rows;
    } finally {
      await client.end();
    }
  };
  const own = (...folders: readonly string[]): void => {
    for (const folder of folders) if (owner !== null) chownSync(folder, owner.uid, owner.gid);
  };
  return { url, kill, start, freeze: () => signal('SIGSTOP'), thaw, rows, own };
}

/** @returns null when it takes connections, what it printed when it ended instead */
async function untilReady(server: ChildProcess): Promise<string | null> {
  if (server.stderr === null) throw new Error('expected postgres to be started with a pipe for what it prints');
  const printed: string[] = [];
  const lines = createInterface({ input: server.stderr });
  return new Promise((resolve) => {
    server.once('exit', () => resolve(printed.join('\n')));
    lines.on('line', (line) => {
      // Read on for its whole life: a full pipe would stop the server.
      if (printed.length < 100) printed.push(line);
      if (line.includes('ready to accept connections')) resolve(null);
    });
  });
}

/** A child whose client has just left may be gone by now. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Linux. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
}

/** Null: whoever runs the tests. */
function findOwner(): { uid: number; gid: number } | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string): number => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}
