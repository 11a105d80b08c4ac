import { generate, type Packet, parser } from 'mqtt-packet';
import { startTcpServer } from './tcp-server.js';

/** What a broker of MQTT 3.1.1 says to these packets of a client. */
type Answered = 'connect' | 'subscribe' | 'publish' | 'pingreq';

function answerTo(packet: Packet): Packet | null {
  const { messageId = 0 } = packet;
  switch (packet.cmd) {
    case 'connect':
      return { cmd: 'connack', returnCode: 0, sessionPresent: false };
    case 'subscribe':
      return { cmd: 'suback', messageId, granted: packet.subscriptions.map(() => 1) };
    case 'publish':
      return packet.qos === 0 ? null : { cmd: 'puback', messageId };
    case 'pingreq':
      return { cmd: 'pingresp' };
    default:
      return null;
  }
}

/**
 * A broker that takes every connection, answers nothing but these packets and never hangs up. It ends with the running
 * test or suite.
 */
export async function startSilentBroker(answered: readonly Answered[]): Promise<string> {
  const { port } = await startTcpServer(
    (socket) => {
      const packets = parser({ protocolVersion: 4 });
      packets.on('packet', (packet: Packet) => {
        const answer = answered.some((cmd) => cmd === packet.cmd) ? answerTo(packet) : null;
        if (answer !== null) socket.write(generate(answer));
      });
      socket.on('data', (bytes) => packets.parse(bytes));
    },
    { allowHalfOpen: true },
  );
  return `mqtt://127.0.0.1:${port}`;
}
