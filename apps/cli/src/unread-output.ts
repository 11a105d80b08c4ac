/**
 * End a command whose words can no longer be written: quietly where its reader has seen enough, as `head` has, else with
 * what is in the way, as a full disk.
 * @returns takes it back, for a server: its log goes on without a reader
 */
export function endWhenUnread(): () => void {
  const endTold = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE')
      process.stderr.write(`error OUTPUT_LOST: What is printed here cannot be written: ${error.message}.\n`);
    process.exit(1);
  };
  const end = (): void => process.exit(1);
  process.stdout.on('error', endTold);
  process.stderr.on('error', end);
  return () => {
    process.stdout.off('error', endTold);
    process.stderr.off('error', end);
  };
}
