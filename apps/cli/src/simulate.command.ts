import { Command, Option } from 'nest-commander';
import { DependencyError, InputError } from '#contracts';
import { parseBroker, parseCamera, parseCount, parsePositive, parseStation } from './line-options.js';
import { parseMore, parseNumber, Verb } from './verb.js';

interface SimulateFlags {
  readonly broker: string;
  readonly station?: string;
  readonly camera?: string[];
  readonly rate?: number;
  readonly closedLoop?: boolean;
  readonly frames?: number;
  readonly seed?: number;
  readonly defectShare?: number;
  readonly window?: number;
  readonly username?: string;
  readonly json?: string;
}

/** Enough defects to see rejects on a page, few enough to look like a line. */
const DEFECT_SHARE = 0.2;
/** Parts of one reel in a row. */
const LOT_SIZE = 40;
const REPORT_EVERY = 100;

@Command({
  name: 'simulate',
  description: 'run a line of drawn parts with known truth: cameras, reject gate, tally; ends with Ctrl-C or --frames',
})
export class SimulateCommand extends Verb {
  override async run(_: string[], flags: SimulateFlags): Promise<void> {
    if ((flags.rate === undefined) === (flags.closedLoop !== true)) {
      throw new InputError('USAGE', 'simulate: expected either --rate <fps> or --closed-loop.');
    }
    const [{ simulate }, { loadInspectorConfig, loadSecrets }, { writeWhole }, { formatTally }] = await Promise.all([
      import('../../simulator/src/simulate.js'),
      import('#config'),
      import('../../trainer/src/write-whole.js'),
      import('./format-tally.js'),
    ]);
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    const tally = await simulate({
      broker: flags.broker,
      username: flags.username ?? null,
      password: loadSecrets().brokerPassword,
      station: flags.station ?? loadInspectorConfig().inspector.station,
      cameras: flags.camera ?? loadInspectorConfig().cameras.map(({ name }) => name),
      parts: {
        series: 'line',
        seed: flags.seed ?? 1,
        defectShare: flags.defectShare ?? DEFECT_SHARE,
        lotSize: LOT_SIZE,
      },
      pace: flags.rate === undefined ? { kind: 'closed' } : { kind: 'rate', framesPerSecond: flags.rate },
      frames: flags.frames ?? null,
      windowMs: flags.window ?? 2_000,
      readyTimeoutMs: 60_000,
      signal: stop.signal,
      onPart: ({ tally: figures }) => {
        const done = figures.good + figures.defective;
        if (done % REPORT_EVERY === 0) process.stdout.write(`${formatTally(figures)}\n`);
      },
      onTrouble: (text) => process.stderr.write(`${text}\n`),
    });
    if (flags.json !== undefined) await writeWhole(flags.json, `${JSON.stringify(tally, null, 2)}\n`);
    process.stdout.write(`${formatTally(tally)}\n`);
    if (tally.lost > 0) {
      throw new DependencyError(
        'FRAMES_LOST',
        `${tally.lost} of ${tally.sent} frames have no verdict. Expected one each: look at the inspector's log.`,
      );
    }
  }

  @Option({ flags: '--broker <url>', description: 'mqtt://host:port or mqtts://host:port', required: true })
  broker(text: string): string {
    return parseBroker('--broker', text);
  }

  @Option({
    flags: '--station <path>',
    description: 'enterprise/site/area/line/station; default from the configuration',
  })
  station(text: string): string {
    return parseStation('--station', text);
  }

  @Option({ flags: '--camera <name>', description: 'a camera, repeatable; default those of the configuration' })
  camera(text: string, before?: string[]): string[] {
    return parseMore(parseCamera('--camera', text), before);
  }

  @Option({ flags: '--rate <fps>', description: 'parts a second, over all cameras' })
  rate(text: string): number {
    return parsePositive('--rate', text);
  }

  @Option({ flags: '--closed-loop', description: 'the next part comes after the verdict on the last' })
  closedLoop(): boolean {
    return true;
  }

  @Option({ flags: '--frames <n>', description: 'end after so many parts' })
  frames(text: string): number {
    return parseCount('--frames', text);
  }

  @Option({ flags: '--seed <n>', description: 'which parts come; default 1' })
  seed(text: string): number {
    return parseCount('--seed', text);
  }

  @Option({ flags: '--defect-share <share>', description: `share of defective parts, 0 to 1; default ${DEFECT_SHARE}` })
  defectShare(text: string): number {
    const share = parseNumber('--defect-share', text);
    if (share >= 0 && share <= 1) return share;
    throw new InputError('USAGE', `--defect-share ${text}: expected 0 to 1.`);
  }

  @Option({ flags: '--window <ms>', description: 'the gate’s window from its trigger; default 2000' })
  window(text: string): number {
    return parsePositive('--window', text);
  }

  @Option({ flags: '--username <name>', description: 'broker user; its password from LINESIDE_BROKER_PASSWORD' })
  username(text: string): string {
    return text;
  }

  @Option({ flags: '--json <file>', description: 'write the tally there at the end' })
  json(text: string): string {
    return text;
  }
}
