import { Presets } from 'cli-progress';
import { TerminalBar } from './terminal-bar.js';

export interface Progress {
  readonly update: (done: number, total: number) => void;
  readonly stop: () => void;
}

/** A progress bar with the time left on stderr; silent where no terminal looks. */
export function showProgress(name: string): Progress {
  const format = `${name.padEnd(12)} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`;
  const bar = new TerminalBar({ format }, Presets.shades_classic);
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  let isStarted = false;
  return {
    update: (done, total) => {
      if (!isStarted) bar.start(total, 0);
      isStarted = true;
      bar.update(done, total);
    },
    stop: () => bar.stop(),
  };
}
