import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { connectAsync } from 'mqtt';
import { CommandReply, Topics } from '#contracts';
import { STATION, startBroker } from '../../../../test/factories/scripted-line.js';
import { sendCommand } from './send-command.js';

describe('a command from a person', () => {
  it('comes back with what was done, or with the code of the refusal', async () => {
    const { url } = await startBroker();
    const topics = new Topics(STATION);
    const inspector = await connectAsync(url, { protocolVersion: 4 });
    inspector.on('message', (_topic, payload) => {
      const { command, replyTo, correlationId } = JSON.parse(payload.toString());
      const isKnown = command === 'clear-challenge';
      const reply: CommandReply = {
        schema: 'vision.reply/1',
        camera: 'cam1',
        inspectorId: 'i1',
        bootId: 'b1',
        command,
        ok: isKnown,
        message: isKnown ? 'done' : 'no such alarm',
        code: isKnown ? null : 'ALARM_OFF',
        correlationId,
        ts: new Date().toISOString(),
      };
      inspector.publish(replyTo, JSON.stringify(CommandReply.parse(reply)), { qos: 1 });
    });
    await inspector.subscribeAsync(topics.camera('cam1', 'cmd'), { qos: 1 });
    const ask = (command: Record<string, unknown>) =>
      sendCommand({
        url,
        station: STATION,
        camera: 'cam1',
        username: null,
        password: null,
        command: { ...command, by: 'Ada', lot: undefined },
      });
    assert.equal(await ask({ command: 'clear-challenge', frameId: 'c1' }), 'done');
    const asking = ask({ command: 'acknowledge', alarm: 'SILENCE' });
    await assert.rejects(asking, { code: 'ALARM_OFF', message: 'no such alarm' });
    await inspector.endAsync(true);
  });

  it('is refused before it connects where no inspector would know or take it', async () => {
    const nowhere = { url: 'mqtt://127.0.0.1:1', station: STATION, camera: 'cam1', username: null, password: null };
    const ask = (command: Record<string, unknown>) => sendCommand({ ...nowhere, command });
    const unknown = /^There is no command "dance"; there are changeover, acknowledge, /;
    await assert.rejects(ask({ command: 'dance', by: 'Ada' }), { code: 'COMMAND_UNKNOWN', message: unknown });
    const missing = 'Command rollback refused: `from` is missing.';
    await assert.rejects(ask({ command: 'rollback', by: 'Ada' }), { code: 'COMMAND_INVALID', message: missing });
  });

  it('NO_REPLY: nobody inspects that camera', async () => {
    const { url } = await startBroker();
    const command = { command: 'clear-challenge', frameId: 'c1', by: 'Ada' };
    const asking = sendCommand({
      url,
      station: STATION,
      camera: 'cam7',
      username: null,
      password: null,
      command,
      replyMs: 50,
    });
    await assert.rejects(asking, { code: 'NO_REPLY', message: /cam7.*Check both names/ });
  });
});
