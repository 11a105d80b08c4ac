import { Option, SubCommand } from 'nest-commander';
import { parseCount, parsePositive } from '../../line-options.js';
import { Verb } from '../../verb.js';

interface FramePathFlags {
  readonly backbone?: string;
  readonly cameras?: number[];
  readonly seconds?: number;
  readonly rounds?: number;
  readonly python?: string;
  readonly mosquitto?: string;
  readonly write?: string;
  readonly json?: boolean;
}

@SubCommand({
  name: 'frame-path',
  description: 'the whole road of a frame, broker to verdict, against a bare loop and an inspector in Python',
})
export class BenchFramePathCommand extends Verb {
  override async run(_: string[], flags: FramePathFlags): Promise<void> {
    const [{ benchFramePath }, { findMarks, reportFigures }] = await Promise.all([
      import('./frame-path.js'),
      import('./report-figures.js'),
    ]);
    const say = (words: string): void => void process.stderr.write(`${words}\n`);
    if (flags.python === undefined)
      say('Without --python there is no peer: the figures against Python, and their goals, are left out.');
    // Before minutes are spent.
    if (flags.write !== undefined) await findMarks(flags.write);
    const startedAt = new Date();
    const figures = await benchFramePath({
      backbone: flags.backbone ?? 'efficientnet-lite0',
      cameras: flags.cameras ?? [8, 1, 10, 100],
      seconds: flags.seconds ?? 5,
      rounds: flags.rounds ?? 3,
      frame: { width: 1280, height: 1024 },
      python: flags.python ?? null,
      mosquitto: flags.mosquitto ?? 'mosquitto',
      onStep: say,
    });
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
      return;
    }
    await reportFigures(figures, { startedAt, command: process.argv.slice(2), file: flags.write ?? null });
  }

  @Option({ flags: '--backbone <name>', description: 'network; default efficientnet-lite0' })
  backbone(text: string): string {
    return text;
  }

  @Option({
    flags: '--cameras <count>',
    description: 'repeatable; the goals are for the first; default 8, 1, 10 and 100',
  })
  cameras(text: string, before: number[] = []): number[] {
    return [...before, parseCount('--cameras', text)];
  }

  @Option({ flags: '--seconds <count>', description: 'of each turn; default 5' })
  seconds(text: string): number {
    return parsePositive('--seconds', text);
  }

  @Option({ flags: '--rounds <count>', description: 'turns of each at the first number of cameras; default 3' })
  rounds(text: string): number {
    return parseCount('--rounds', text);
  }

  @Option({
    flags: '--python <path>',
    description: 'a Python with paho-mqtt, opencv-python, onnxruntime and numpy: the peer',
  })
  python(text: string): string {
    return text;
  }

  @Option({ flags: '--mosquitto <path>', description: 'the broker; default mosquitto' })
  mosquitto(text: string): string {
    return text;
  }

  @Option({ flags: '--write <file>', description: 'put the figures into this Markdown file, between its two marks' })
  write(text: string): string {
    return text;
  }

  @Option({ flags: '--json', description: 'for a program that reads it' })
  json(): boolean {
    return true;
  }
}
