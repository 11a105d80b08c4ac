import { fileURLToPath } from 'node:url';
import { Command, Option } from 'nest-commander';
import { InputError } from '#contracts';
import { type DataOptions, DataVerb } from './data-verb.js';
import { parseSetting } from './verb.js';

interface SweepOptions extends DataOptions {
  readonly sweep: string;
  readonly out: string;
  readonly plan?: string;
  readonly set?: Record<string, string>;
  readonly cache?: string;
  readonly weightsDir?: string;
}

@Command({ name: 'sweep', description: 'train by many plans, rank them on validation and say what is within noise' })
export class SweepCommand extends DataVerb {
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

  @Option({ flags: '--plan <file>', description: 'a plan under all trials' })
  plan(text: string): string {
    return text;
  }

  @Option({
    flags: '--set <key=value>',
    description: "one choice of all trials, over the sweep's own plan; repeatable",
  })
  set(text: string, before?: Record<string, string>): Record<string, string> {
    return parseSetting('--set', text, before);
  }

  @Option({ flags: '--cache <dir>', description: 'features of pictures seen before; default from the configuration' })
  cache(text: string): string {
    return text;
  }

  @Option({ flags: '--weights-dir <dir>', description: 'imported weights; default from the configuration' })
  weightsDir(text: string): string {
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
