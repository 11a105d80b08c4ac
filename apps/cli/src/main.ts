#!/usr/bin/env node
import { lineside, SERVERS } from './lineside.js';
import { endWhenUnread, goOnUnread } from './unread-output.js';

endWhenUnread();
lineside.hook('preAction', (_program, asked) => {
  if (SERVERS.includes(asked)) goOnUnread();
});
try {
  await lineside.parseAsync();
} catch (error) {
  // Loaded only now: a command that ends well does not wait for what explains failures.
  const [{ reportError }, { wantsStacks }] = await Promise.all([import('./report-error.js'), import('#config')]);
  const { exitCode, text } = reportError(error, wantsStacks());
  if (text !== null) process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}
