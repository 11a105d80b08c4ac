import { endAtLastBy } from '#contracts/told-to-end';

/**
 * End a command whose words can no longer be written: quietly where its reader has seen enough, as `head` has, else with
 * what is in the way, as a full disk.
 */
export function endWhenUnread(): void {
  process.stdout.on('error', endTold);
  process.stderr.on('error', end);
}

/** Take it back, for a server: its log goes on without a reader. */
export function goOnUnread(): void {
  process.stdout.off('error', endTold);
  process.stderr.off('error', end);
}

/** The terminal was closed: what is under way is brought to its end, whatever is printed, and the process then ends by SIGHUP. */
export function goOnWithoutTerminal(): void {
  goOnUnread();
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  endAtLastBy('SIGHUP');
}

function endTold(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE')
    process.stderr.write(`error OUTPUT_LOST: What is printed here cannot be written: ${error.message}.\n`);
  process.exit(1);
}

function end(): void {
  process.exit(1);
}
