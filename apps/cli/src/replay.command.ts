import { Command, Option } from 'nest-commander';
import { DependencyError } from '#contracts';
import type { ReplayOptions } from '../../simulator/src/replay.js';
import { type SideOptions, SideVerb } from './data-verb.js';
import { formatReplay } from './format-replay.js';
import { parseBroker, parseCamera, parsePositive, parseStation } from './line-options.js';

interface ReplayFlags extends SideOptions {
  readonly broker: string;
  readonly rate: number;
  readonly camera: string;
  readonly station?: string;
  readonly recipe?: string;
  readonly username?: string;
  readonly simulated?: boolean;
  readonly wait?: number;
  readonly json?: string;
}

@Command({
  name: 'replay',
  description: 'send labelled pictures to a running line at a steady rate and compare its verdicts with the labels',
})
export class ReplayCommand extends SideVerb {
  override async run(_: string[], flags: ReplayFlags): Promise<void> {
    const [{ replay }, { loadInspectorConfig, loadSecrets }, { writeWhole }, { showProgress }] = await Promise.all([
      import('../../simulator/src/replay.js'),
      import('#config'),
      import('../../trainer/src/write-whole.js'),
      import('./show-progress.js'),
    ]);
    const progress = showProgress('replay');
    const options: ReplayOptions = {
      data: flags.data,
      split: flags.split,
      good: flags.good,
      groupColumn: flags.group,
      subset: flags.subset,
      broker: flags.broker,
      username: flags.username ?? null,
      password: loadSecrets().brokerPassword,
      station: flags.station ?? loadInspectorConfig().inspector.station,
      camera: flags.camera,
      recipe: flags.recipe ?? null,
      framesPerSecond: flags.rate,
      isSimulated: flags.simulated ?? false,
      readyTimeoutMs: 30_000,
      recordTimeoutMs: (flags.wait ?? 10) * 1000,
      onProgress: progress.update,
      onTrouble: (text) => process.stderr.write(`${text}\n`),
    };
    const report = await replay(options).finally(progress.stop);
    if (flags.json !== undefined) await writeWhole(flags.json, `${JSON.stringify(report, null, 2)}\n`);
    process.stdout.write(formatReplay(report));
    if (report.lost > 0) {
      throw new DependencyError(
        'FRAMES_LOST',
        `${report.lost} of ${report.sent} pictures have no record. Expected one record each: look at the inspector's log and the broker's queue limits.`,
      );
    }
  }

  @Option({ flags: '--broker <url>', description: 'mqtt://host:port or mqtts://host:port', required: true })
  broker(text: string): string {
    return parseBroker('--broker', text);
  }

  @Option({ flags: '--rate <fps>', description: 'pictures a second, over all cameras', required: true })
  rate(text: string): number {
    return parsePositive('--rate', text);
  }

  @Option({
    flags: '--camera <prefix>',
    description: 'a camera, or what the names of several begin with: they take the pictures in turn',
    required: true,
  })
  camera(text: string): string {
    return parseCamera('--camera', text);
  }

  @Option({
    flags: '--station <path>',
    description: 'enterprise/site/area/line/station; default from the configuration',
  })
  station(text: string): string {
    return parseStation('--station', text);
  }

  @Option({ flags: '--recipe <name>', description: 'recipe to ask for; default the camera’s own' })
  recipe(text: string): string {
    return text;
  }

  @Option({ flags: '--username <name>', description: 'broker user; its password from LINESIDE_BROKER_PASSWORD' })
  username(text: string): string {
    return text;
  }

  @Option({ flags: '--simulated', description: 'mark the frames as simulated: a production line then passes none' })
  simulated(): boolean {
    return true;
  }

  @Option({ flags: '--wait <seconds>', description: 'silence after which missing records are lost; default 10' })
  wait(text: string): number {
    return parsePositive('--wait', text);
  }

  @Option({ flags: '--json <file>', description: 'write the report there' })
  json(text: string): string {
    return text;
  }
}
