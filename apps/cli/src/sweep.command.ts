import { fileURLToPath } from 'node:url';
import { InputError } from '#contracts';
import { onHangUp } from '#contracts/told-to-end';
import { parseTargetFolder } from './option-values.js';
import { learnVerb } from './plan-verb.js';
import { goOnWithoutTerminal } from './unread-output.js';

export const sweepCommand = learnVerb(
  'sweep',
  'train by many plans, rank them on validation and say what is within noise',
)
  .requiredOption('--sweep <file>', 'YAML: what to try; ready ones in config/sweeps')
  .requiredOption('--out <dir>', 'trials and results; the same again goes on there', parseTargetFolder)
  .action(async (options) => {
    const [{ runSweep }, { writeResults }, { readSweepFile }, { formatSweep }, config, { weightsDir }, { showEvents }] =
      await Promise.all([
        import('../../trainer/src/sweep/run-sweep.js'),
        import('../../trainer/src/sweep/write-results.js'),
        import('../../trainer/src/sweep/sweep-file.js'),
        import('./format-sweep.js'),
        import('#config'),
        import('./weights/weights-dir.js'),
        import('./show-events.js'),
      ]);
    const { data, split, good, group } = options;
    const printer = showEvents();
    const interrupted = new AbortController();
    const stop = (): void => interrupted.abort(interruption());
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    onHangUp(() => {
      goOnWithoutTerminal();
      stop();
    });
    const request = {
      file: options.sweep,
      sweep: await readSweepFile(options.sweep),
      planFile: options.plan,
      set: options.set,
      data: { data, split, good, group },
      out: options.out,
      cacheDir: options.cache ?? config.loadTrainerConfig().trainer.cacheDir,
      weightsDir: weightsDir(options.weightsDir),
      command: [process.execPath, MAIN] as const,
      onStep: (text: string) => {
        printer.stop();
        process.stderr.write(`${text}\n`);
      },
      onEvent: (event: Parameters<typeof printer.sink>[0]) => {
        if (event.event === 'progress') printer.sink(event);
      },
      signal: interrupted.signal,
    };
    try {
      const outcome = await runSweep(request);
      const files = await writeResults(outcome, request);
      process.stdout.write(`${formatSweep(outcome, request.sweep)}${files.join(' ')}\n`);
    } finally {
      printer.stop();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.removeListener(signal, stop);
    }
  });

function interruption(): InputError {
  return new InputError(
    'INTERRUPTED',
    'The sweep was interrupted. What has finished is kept: the same command goes on from there.',
  );
}

/** What starts a trial: this program again. */
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
