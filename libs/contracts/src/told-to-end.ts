/** Why a process ends: somebody told it to. */
export class ToldToEnd extends Error {
  constructor(readonly signal: NodeJS.Signals) {
    super(`Ended by ${signal}.`);
  }
}

/**
 * Aborts, with {@link ToldToEnd}, when this process is asked to end: by SIGTERM, by SIGINT, or by SIGHUP as its terminal is
 * closed, by which it then ends. A second SIGTERM or SIGINT ends it at once.
 */
export function hearEnd(): AbortSignal {
  const end = new AbortController();
  const hear = (signal: NodeJS.Signals): void => end.abort(new ToldToEnd(signal));
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, hear);
  onHangUp(() => {
    endAtLastBy('SIGHUP');
    hear('SIGHUP');
  });
  return end.signal;
}

/** Who closes a terminal says it twice, the system and its shell: the first counts, and the second ends nothing. */
export function onHangUp(first: () => void): void {
  process.once('SIGHUP', first);
  process.on('SIGHUP', () => undefined);
}

/**
 * Let the process, when it has done what it does, end by this signal: at its own end Node sets its terminal right, and
 * aborts where that is gone.
 */
export function endAtLastBy(signal: NodeJS.Signals): void {
  process.once('exit', () => endBy(signal));
}

/** End this process by this signal, now. */
export function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
