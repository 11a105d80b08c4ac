#!/usr/bin/env node
import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { CliModule } from './cli.module.js';
import { readVersion } from './version.js';

try {
  await CommandFactory.run(CliModule, {
    cliName: 'lineside',
    version: readVersion(),
    logger: false,
    abortOnError: false,
    serviceErrorHandler: rethrow,
    errorHandler: rethrow,
  });
} catch (error) {
  // Loaded only now: a command that ends well does not wait for what explains failures.
  const [{ reportError }, { wantsStacks }] = await Promise.all([import('./report-error.js'), import('#config')]);
  const { exitCode, text } = reportError(error, wantsStacks());
  if (text !== null) process.stderr.write(`${text}\n`);
  process.exitCode = exitCode;
}

function rethrow(error: Error): never {
  throw error;
}
