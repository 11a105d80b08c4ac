import { Command, Option } from 'nest-commander';
import { DISPOSITIONS } from '#contracts';
import { parseBroker, parseCamera, parseCount, parseStation } from './line-options.js';
import { Verb } from './verb.js';

interface CommandOptions {
  readonly by: string;
  readonly broker?: string;
  readonly station?: string;
  readonly camera?: string;
  readonly username?: string;
  readonly recipe?: string;
  readonly alarm?: string;
  readonly parts?: number;
  readonly from?: string;
  readonly lot?: string;
  readonly frame?: string;
  readonly part?: string;
  readonly disposition?: string;
  readonly label?: string;
  readonly remark?: string;
}

@Command({
  name: 'command',
  arguments: '<what>',
  description: 'ask a running inspector, in the name of a person, and print its reply; see docs/alarms.md',
  argsDescription: {
    what: 'changeover | acknowledge | start-challenge | clear-challenge | rollback | hold-lot | release-lot | override',
  },
})
export class CommandCommand extends Verb {
  override async run([what = '']: string[], options: CommandOptions): Promise<void> {
    const [{ loadInspectorConfig, loadSecrets }, { sendCommand }] = await Promise.all([
      import('#config'),
      import('../../simulator/src/line/send-command.js'),
    ]);
    const { inspector, cameras } = loadInspectorConfig();
    const { broker, station, camera, username, frame: frameId, part: partId, label: trueLabel, ...fields } = options;
    const reply = await sendCommand({
      url: broker ?? 'mqtt://127.0.0.1:1883',
      station: station ?? inspector.station,
      camera: camera ?? cameras[0]?.name ?? '',
      username: username ?? null,
      password: loadSecrets().brokerPassword,
      command: { command: what, ...fields, frameId, partId, trueLabel },
    });
    process.stdout.write(`${reply}\n`);
  }

  @Option({ flags: '--by <name>', description: 'the person who answers for it', required: true })
  by(text: string): string {
    return text;
  }

  @Option({ flags: '--camera <name>', description: 'default: the first of the configuration' })
  camera(text: string): string {
    return parseCamera('--camera', text);
  }

  @Option({ flags: '--broker <url>', description: 'default mqtt://127.0.0.1:1883' })
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

  @Option({ flags: '--username <name>', description: 'broker user; its password from LINESIDE_BROKER_PASSWORD' })
  username(text: string): string {
    return text;
  }

  @Option({ flags: '--recipe <name>', description: 'changeover: the recipe to go to' })
  recipe(text: string): string {
    return text;
  }

  @Option({ flags: '--alarm <code>', description: 'acknowledge: the alarm, as in FAILS_IN_A_ROW' })
  alarm(text: string): string {
    return text;
  }

  @Option({ flags: '--parts <count>', description: 'start-challenge: so many challenge parts; default 1' })
  parts(text: string): number {
    return parseCount('--parts', text);
  }

  @Option({ flags: '--from <model>', description: 'rollback: the model to leave' })
  from(text: string): string {
    return text;
  }

  @Option({ flags: '--lot <name>', description: 'hold-lot, release-lot: the lot' })
  lot(text: string): string {
    return text;
  }

  @Option({ flags: '--frame <id>', description: 'override: the frame' })
  frame(text: string): string {
    return text;
  }

  @Option({ flags: '--part <id>', description: 'override: the part, instead of a frame' })
  part(text: string): string {
    return text;
  }

  @Option({
    flags: '--disposition <word>',
    description: `override: ${DISPOSITIONS.join(' | ')}`,
  })
  disposition(text: string): string {
    return text;
  }

  @Option({ flags: '--label <class>', description: 'override: what the part really is' })
  label(text: string): string {
    return text;
  }

  @Option({ flags: '--remark <text>', description: 'override: why' })
  remark(text: string): string {
    return text;
  }
}
