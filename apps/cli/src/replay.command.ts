import { DependencyError } from '#contracts';
import type { ReplayOptions } from '../../simulator/src/replay.js';
import { sideVerb } from './data-verb.js';
import { parseBroker, parseCamera, parsePositive, parseTarget } from './option-values.js';
import { CA, CERT, KEY, STATION, USERNAME } from './shared-options.js';

export const replayCommand = sideVerb(
  'replay',
  'send labelled pictures to a running line at a steady rate and compare its verdicts with the labels',
)
  .requiredOption('--broker <url>', 'mqtt://host:port or mqtts://host:port', parseBroker)
  .requiredOption('--rate <fps>', 'pictures a second, over all cameras', parsePositive)
  .requiredOption(
    '--camera <prefix>',
    'a camera, or what the names of several begin with: they take the pictures in turn',
    parseCamera,
  )
  .addOption(STATION)
  .option('--recipe <name>', 'recipe to ask for; default the camera’s own')
  .addOption(USERNAME)
  .addOption(CA)
  .addOption(CERT)
  .addOption(KEY)
  .option('--simulated', 'mark the frames as simulated: a production line then passes none')
  .option('--wait <seconds>', 'silence after which missing records are lost', parsePositive, 10)
  .option('--json <file>', 'write the report there', parseTarget)
  .action(async (flags) => {
    const [{ replay }, { formatReplay }, { loadInspectorConfig }, { readLogin }, { writeWhole }, { showProgress }] =
      await Promise.all([
        import('../../simulator/src/replay.js'),
        import('./format-replay.js'),
        import('#config'),
        import('./broker-login.js'),
        import('../../trainer/src/write-whole.js'),
        import('./show-progress.js'),
      ]);
    const progress = showProgress('replay');
    const options: ReplayOptions = {
      data: flags.data,
      split: flags.split,
      good: flags.good,
      group: flags.group,
      subset: flags.subset,
      broker: flags.broker,
      ...readLogin(flags),
      station: flags.station ?? loadInspectorConfig().inspector.station,
      camera: flags.camera,
      recipe: flags.recipe ?? null,
      framesPerSecond: flags.rate,
      isSimulated: flags.simulated ?? false,
      readyTimeoutMs: 30_000,
      recordTimeoutMs: flags.wait * 1000,
      onProgress: progress.update,
      onTrouble: (text) => process.stderr.write(`${text}\n`),
    };
    const report = await replay(options).finally(progress.stop);
    if (flags.json !== undefined) await writeWhole(flags.json, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(formatReplay(report));
    const { sent, notSent, lost } = report;
    if (lost > 0) {
      throw new DependencyError(
        'FRAMES_LOST',
        `${lost} of ${sent} pictures have no record. Expected one record each: look at the inspector's log and the broker's queue limits.`,
      );
    }
    if (notSent > 0) {
      throw new DependencyError(
        'FRAMES_NOT_SENT',
        `${notSent} of ${sent + notSent} pictures were not sent: the broker was away, or does not let this client send. Run it again when it takes them.`,
      );
    }
  });
