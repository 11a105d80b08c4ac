import { DependencyError, InputError } from '#contracts';
import { each, parseBroker, parseCamera, parseCount, parsePositive, parseShare, parseTarget } from './option-values.js';
import { CA, CERT, KEY, STATION, USERNAME } from './shared-options.js';
import { verb } from './verb.js';

/** Enough defects to see rejects on a page, few enough to look like a line. */
const DEFECT_SHARE = 0.2;
/** Parts of one reel in a row. */
const LOT_SIZE = 40;
const REPORT_EVERY = 100;

export const simulateCommand = verb(
  'simulate',
  'run a line of drawn parts with known truth: cameras, reject gate, tally; ends with Ctrl-C or --frames',
)
  .requiredOption('--broker <url>', 'mqtt://host:port or mqtts://host:port', parseBroker)
  .addOption(STATION)
  .option('--camera <name>', 'a camera, repeatable; default cam1', each(parseCamera))
  .option('--rate <fps>', 'parts a second, over all cameras', parsePositive)
  .option('--closed-loop', 'the next part comes after the verdict on the last')
  .option('--frames <n>', 'end after so many parts', parseCount)
  .option('--seed <n>', 'which parts come', parseCount, 1)
  .option('--defect-share <share>', 'share of defective parts, 0 to 1', parseShare, DEFECT_SHARE)
  .option('--window <ms>', 'the gate’s window from its trigger', parsePositive, 2_000)
  .addOption(USERNAME)
  .addOption(CA)
  .addOption(CERT)
  .addOption(KEY)
  .option('--json <file>', 'write the tally there at the end', parseTarget)
  .action(async (flags) => {
    if ((flags.rate === undefined) === (flags.closedLoop !== true)) {
      throw new InputError('USAGE', 'simulate: expected either --rate <fps> or --closed-loop.');
    }
    const [{ simulate }, { loadInspectorConfig }, { readLogin }, { writeWhole }, { formatTally }] = await Promise.all([
      import('../../simulator/src/simulate.js'),
      import('#config'),
      import('./broker-login.js'),
      import('../../trainer/src/write-whole.js'),
      import('./format-tally.js'),
    ]);
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    const tally = await simulate({
      broker: flags.broker,
      ...readLogin(flags),
      station: flags.station ?? loadInspectorConfig().inspector.station,
      cameras: flags.camera ?? loadInspectorConfig().cameras.map(({ name }) => name),
      parts: { series: 'line', seed: flags.seed, defectShare: flags.defectShare, lotSize: LOT_SIZE },
      pace: flags.rate === undefined ? { kind: 'closed' } : { kind: 'rate', framesPerSecond: flags.rate },
      frames: flags.frames ?? null,
      windowMs: flags.window,
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
  });
