import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { messageOf, readJson, systemCodeOf, TrainEvent, type TrainRequest } from '#contracts';

/** How a training process is started: program and first arguments; the request's own come after them. */
export type TrainCommand = readonly [program: string, ...args: string[]];

export interface JobProcessOptions {
  readonly command: TrainCommand;
  readonly request: TrainRequest;
  /** The run's folder: the process writes its model there, we its `train.log`. */
  readonly out: string;
  /** Go on with what an earlier process of this job saved. */
  readonly isResumed?: boolean;
  /** Where the model goes; null: a trial, which makes none. */
  readonly registry: string | null;
  readonly cacheDir: string;
  readonly weightsDir: string;
  readonly onEvent: (event: TrainEvent) => void;
}

/** How a training process ended. */
export interface JobEnd {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last of what it printed that was no event, for the message of a crash. */
  readonly lastWords: string;
}

/** A crash says what matters at its end. */
const LAST_WORDS_CHARS = 2_000;

/** One training in its own process: a crash, a leak or a cancel ends the run and nothing else. */
export class JobProcess {
  private constructor(
    /** null: it could not even be tried. */
    private readonly child: ChildProcess | null,
    /** Resolves once when the process is gone and its output read; never rejects. */
    readonly ended: Promise<JobEnd>,
  ) {}

  /** Start the process. A program that cannot be started ends at once with its reason as last words. */
  static start(options: JobProcessOptions): JobProcess {
    const [program, ...args] = options.command;
    try {
      // A group of its own: the run may have started processes, and a cancel must reach them too.
      const child = spawn(program, [...args, ...argumentsOf(options)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        detached: true,
      });
      return new JobProcess(child, watch(child, options));
    } catch (error) {
      // Arguments that no process can be given (a NUL, too many) are thrown, all else is told by the child.
      return new JobProcess(null, Promise.resolve({ exitCode: null, signal: null, lastWords: messageOf(error) }));
    }
  }

  /** Ask the process to end, and end it where it does not within `killAfterMs`. Resolves when it is gone. */
  async cancel(killAfterMs: number): Promise<JobEnd> {
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.signal('SIGKILL'), killAfterMs);
    const end = await this.ended;
    clearTimeout(timer);
    // What the run itself started must not outlive it.
    this.signal('SIGKILL');
    return end;
  }

  private signal(signal: NodeJS.Signals): void {
    if (this.child?.pid === undefined) return;
    try {
      process.kill(-this.child.pid, signal);
    } catch (error) {
      if (systemCodeOf(error) !== 'ESRCH') throw error;
    }
  }
}

/** `--flag=value`, so that no value is taken for another flag. */
function argumentsOf({ request, out, isResumed = false, registry, cacheDir, weightsDir }: JobProcessOptions): string[] {
  const { data, split, plan, good = [], group, set } = request;
  return [
    'train',
    '--events',
    `--data=${data}`,
    `--out=${out}`,
    registry === null ? '--trial' : `--registry=${registry}`,
    `--cache=${cacheDir}`,
    `--weights-dir=${weightsDir}`,
    ...(isResumed ? ['--resume'] : []),
    ...(split === undefined ? [] : [`--split=${split}`]),
    ...(plan === undefined ? [] : [`--plan=${plan}`]),
    ...(group === undefined ? [] : [`--group=${group}`]),
    ...good.map((name) => `--good=${name}`),
    ...Object.entries(set).map(([key, value]) => `--set=${key}=${value}`),
  ];
}

async function watch(child: ChildProcess, { out, onEvent }: JobProcessOptions): Promise<JobEnd> {
  const log = createWriteStream(join(out, 'train.log'), { flags: 'a' });
  let lastWords = '';
  const note = (line: string): void => {
    log.write(`${line}\n`);
    lastWords = `${lastWords}${line}\n`.slice(-LAST_WORDS_CHARS);
  };
  log.on('error', (error) => {
    lastWords = `${lastWords}train.log: ${error.message}\n`;
  });
  const exited = once(child, 'close').then(
    ([exitCode, signal]) => ({ exitCode, signal }),
    (error: Error) => {
      note(error.message);
      return { exitCode: null, signal: null };
    },
  );
  const lines = async (stream: NodeJS.ReadableStream | null, take: (line: string) => void): Promise<void> => {
    if (stream !== null) for await (const line of createInterface({ input: stream })) take(line);
  };
  const takeEvent = (line: string): void => {
    // What is no event is noted: libraries print too.
    const event = TrainEvent.safeParse(readJson(line)).data;
    if (event === undefined) note(line);
    else onEvent(event);
  };
  await Promise.all([exited, lines(child.stdout, takeEvent), lines(child.stderr, note)]);
  log.end();
  await finished(log).catch(() => undefined);
  return { ...(await exited), lastWords: lastWords.trim() };
}
