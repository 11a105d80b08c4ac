import { fileURLToPath } from 'node:url';
import { Command, Option } from 'nest-commander';
import { InputError } from '#contracts';
import { type LearnOptions, LearnVerb } from './plan-verb.js';

interface SweepOptions extends LearnOptions {
  readonly sweep: string;
  readonly out: string;
}

@Command({ name: 'sweep', description: 'train by many plans, rank them on validation and say what is within noise' })
export class SweepCommand extends LearnVerb {
  override async run(_: string[], options: SweepOptions): Promise<void> {
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
    const request = {
      file: options.sweep,
      sweep: await readSweepFile(options.sweep),
      planFile: options.plan,
      set: options.set,
      data: { data, split, good, groupColumn: group },
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
  }

  @Option({ flags: '--sweep <file>', description: 'YAML: what to try; ready ones in config/sweeps', required: true })
  sweep(text: string): string {
    return text;
  }

  @Option({ flags: '--out <dir>', description: 'trials and results; the same again goes on there', required: true })
  out(text: string): string {
    return text;
  }
}

function interruption(): InputError {
  return new InputError(
    'INTERRUPTED',
    'The sweep was interrupted. What has finished is kept: the same command goes on from there.',
  );
}

/** What starts a trial: this program again. */
const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
