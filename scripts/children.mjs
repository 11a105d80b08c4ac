// The programs a start script runs: `lineside` commands in process groups of their own, so that a Ctrl-C reaches them once,
// through us, and ended in the opposite order of their start.
import { spawn } from 'node:child_process';
import { mkdirSync, openSync } from 'node:fs';
import { join, relative } from 'node:path';
import { ROOT } from './setup.mjs';

const LINESIDE = join(ROOT, 'dist', 'program', 'lineside.js');
/** An inspector drains its queue and closes its ledger in this time; after it we no longer ask. */
const STOP_TIMEOUT_MS = 15_000;

export class Children {
  #running = [];
  isStopping = false;

  /** Run a command to its end, its words on our terminal. @returns {Promise<{ code: number | null, signal: string | null }>} */
  run(args) {
    return this.#spawn({ name: args[0], args, stdio: ['ignore', 'inherit', 'inherit'], log: null }).ended;
  }

  /**
   * Start a command that stays; its words go to `<name>.log` in a folder.
   * @returns {{ name: string, log: string, ended: Promise<{ name: string, log: string, code: number | null, signal: string | null }> }}
   */
  start(name, args, logDir) {
    mkdirSync(logDir, { recursive: true });
    const file = join(logDir, `${name}.log`);
    const out = openSync(file, 'w');
    return this.#spawn({ name, args, stdio: ['ignore', out, out], log: relative(ROOT, file) });
  }

  /** End all, the last started first; settles when all are gone. */
  async stop() {
    this.isStopping = true;
    for (const child of [...this.#running].reverse()) {
      child.process.kill('SIGTERM');
      const timer = setTimeout(() => child.process.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await child.ended;
      clearTimeout(timer);
    }
  }

  #spawn({ name, args, stdio, log }) {
    if (this.isStopping) throw new Error('stopping');
    const process_ = spawn(process.execPath, [LINESIDE, ...args], { cwd: ROOT, stdio, detached: true });
    const child = { name, log, process: process_, ended: null };
    child.ended = new Promise((resolve, reject) => {
      process_.once('error', reject);
      process_.once('exit', (code, signal) => {
        this.#running = this.#running.filter((other) => other !== child);
        resolve({ name, log, code, signal });
      });
    });
    this.#running.push(child);
    return child;
  }
}
