import { COMMANDS, DISPOSITIONS } from '#contracts';
import { parseBroker, parseCamera, parseCount } from './option-values.js';
import { BY, CA, CERT, KEY, STATION, USERNAME } from './shared-options.js';
import { verb } from './verb.js';

export const commandCommand = verb(
  'command',
  'ask a running inspector, in the name of a person, and print its reply; see docs/alarms.md',
)
  .argument('<what>', COMMANDS.join(' | '))
  .addOption(BY)
  .option('--camera <name>', 'default cam1', parseCamera)
  .option('--broker <url>', 'mqtt://host:port or mqtts://host:port', parseBroker, 'mqtt://127.0.0.1:1883')
  .addOption(STATION)
  .addOption(USERNAME)
  .addOption(CA)
  .addOption(CERT)
  .addOption(KEY)
  .option('--recipe <name>', 'changeover: the recipe to go to')
  .option('--alarm <code>', 'acknowledge: the alarm, as in FAILS_IN_A_ROW')
  .option('--parts <count>', 'start-challenge: so many challenge parts; default 1', parseCount)
  .option('--from <model>', 'rollback: the model to leave')
  .option('--lot <name>', 'hold-lot, release-lot: the lot')
  .option('--frame <id>', 'override: the frame; clear-challenge: that of the challenge part that passed')
  .option('--inspection <id>', 'override: one inspection of a part of several views, instead of a frame')
  .option('--part <id>', 'override: the part, instead of a frame: its newest inspection')
  .option('--disposition <word>', `override: ${DISPOSITIONS.join(' | ')}`)
  .option('--label <class>', 'override: what the part really is')
  .option('--remark <text>', 'override: why')
  .action(async (what, options) => {
    const [{ loadInspectorConfig }, { readLogin }, { sendCommand }] = await Promise.all([
      import('#config'),
      import('./broker-login.js'),
      import('../../simulator/src/line/send-command.js'),
    ]);
    const { inspector, cameras } = loadInspectorConfig();
    const { broker, username, ca, cert, key, station, camera, ...said } = options;
    const { frame: frameId, part: partId, label: trueLabel, ...fields } = said;
    const reply = await sendCommand({
      url: broker,
      station: station ?? inspector.station,
      camera: camera ?? cameras[0]?.name ?? '',
      ...readLogin({ broker, username, ca, cert, key }),
      command: { command: what, ...fields, frameId, partId, trueLabel },
    });
    process.stdout.write(`${reply}\n`);
  });
