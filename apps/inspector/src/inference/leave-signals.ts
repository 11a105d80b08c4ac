import process from 'node:process';

/** A signal to the whole group, as of Ctrl-C or a terminal that is closed, is the parent's to handle: it drains first, then leaves us. */
export function leaveSignalsToParent(): void {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
}
