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
        message: isKnown ? 'done' : 'no such command',
        code: isKnown ? null : 'COMMAND_UNKNOWN',
        correlationId,
        ts: new Date().toISOString(),
      };
      inspector.publish(replyTo, JSON.stringify(CommandReply.parse(reply)), { qos: 1 });
    });
    await inspector.subscribeAsync(topics.camera('cam1', 'cmd'), { qos: 1 });
    const ask = (command: string) =>
      sendCommand({
        url,
        station: STATION,
        camera: 'cam1',
        username: null,
        password: null,
        command: { command, by: 'Ada' },
      });
    assert.equal(await ask('clear-challenge'), 'done');
    await assert.rejects(ask('dance'), { code: 'COMMAND_UNKNOWN', message: 'no such command' });
    await inspector.endAsync(true);
  });

  it('NO_REPLY: nobody inspects that camera', async () => {
    const { url } = await startBroker();
    const command = { command: 'clear-challenge', by: 'Ada' };
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
