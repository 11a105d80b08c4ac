/**
 * End a command whose words can no longer be written: quietly where its reader has seen enough, as `head` has, else with
 * what is in the way, as a full disk. Not for servers, whose log goes on without a reader.
 */
export function endWhenUnread(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE')
      process.stderr.write(`error OUTPUT_LOST: What is printed here cannot be written: ${error.message}.\n`);
    process.exit(1);
  });
  process.stderr.on('error', () => process.exit(1));
}
