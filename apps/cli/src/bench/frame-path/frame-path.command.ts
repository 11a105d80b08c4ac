import { each, parseCount, parsePositive } from '../../option-values.js';
import { verb } from '../../verb.js';

export const benchFramePathCommand = verb(
  'frame-path',
  'the whole road of a frame, broker to verdict, against a bare loop and an inspector in Python',
)
  .option('--backbone <name>', 'network', 'efficientnet-lite0')
  .option('--cameras <count>', 'repeatable; the goals are for the first; default 8, 1, 10 and 100', each(parseCount))
  .option('--seconds <count>', 'of each turn', parsePositive, 5)
  .option('--rounds <count>', 'turns of each at the first number of cameras', parseCount, 3)
  .option('--python <path>', 'a Python with paho-mqtt, opencv-python, onnxruntime and numpy: the peer')
  .option('--mosquitto <path>', 'the broker', 'mosquitto')
  .option('--write <file>', 'put the figures into this Markdown file, between its two marks')
  .option('--json', 'for a program that reads it')
  .action(async (flags) => {
    const [{ benchFramePath }, { FIGURES, reportFigures }, { findPart }] = await Promise.all([
      import('./frame-path.js'),
      import('./report-figures.js'),
      import('../written-part.js'),
    ]);
    const say = (words: string): void => void process.stderr.write(`${words}\n`);
    if (flags.python === undefined)
      say('Without --python there is no peer: the figures against Python, and their goals, are left out.');
    // Before minutes are spent.
    if (flags.write !== undefined) await findPart(flags.write, FIGURES);
    const startedAt = new Date();
    const figures = await benchFramePath({
      backbone: flags.backbone,
      cameras: flags.cameras ?? [8, 1, 10, 100],
      seconds: flags.seconds,
      rounds: flags.rounds,
      frame: { width: 1280, height: 1024 },
      python: flags.python ?? null,
      mosquitto: flags.mosquitto,
      onStep: say,
    });
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`);
      return;
    }
    await reportFigures(figures, { startedAt, command: process.argv.slice(2), file: flags.write ?? null });
  });
