import { createServer, type Server, type Socket } from 'node:net';
import { Aedes } from 'aedes';
import { DependencyError, messageOf } from '#contracts';

/** Messages waiting for one slow client before it is cut off. */
const QUEUE_LIMIT = 1_000;

/** A small MQTT 3.1.1 broker inside the inspector, for a line without one. It ends with the inspector. */
export class EmbeddedBroker {
  private aedes: Aedes | null = null;
  private server: Server | null = null;
  private readonly sockets = new Set<Socket>();

  /** @returns the broker's URL. @throws DependencyError PORT_IN_USE | BROKER_LISTEN */
  async start({ host, port }: { host: string; port: number }): Promise<string> {
    const aedes = await Aedes.createBroker({ queueLimit: QUEUE_LIMIT, authorizePublish: receive });
    const server = createServer((socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
      socket.setNoDelay(true);
      aedes.handle(socket);
    });
    this.aedes = aedes;
    this.server = server;
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, resolve);
      });
    } catch (cause) {
      await this.stop();
      const code = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'PORT_IN_USE' : 'BROKER_LISTEN';
      throw new DependencyError(
        code,
        `The embedded broker cannot listen on ${host}:${port}: ${messageOf(cause)}. Set broker.embeddedPort, or broker.url to the broker that is there.`,
        { cause },
      );
    }
    const address = server.address();
    return `mqtt://${host}:${typeof address === 'object' && address !== null ? address.port : port}`;
  }

  async stop(): Promise<void> {
    const { aedes, server } = this;
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(resolve));
    for (const socket of this.sockets) socket.destroy();
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
  }
}

/**
 * What aedes leaves to us. DUP is a word between a client and the broker (MQTT 3.1.1, 3.3.1.1): passed on, it makes a frame
 * that its camera sent twice look like one that the broker delivered late. A retained frame would be inspected again after
 * every reconnect, so its sender is hung up on; an empty one only takes away what is retained.
 */
function receive(
  _client: unknown,
  packet: { dup: boolean; retain: boolean; topic: string; payload: Buffer | string },
  done: (error?: Error | null) => void,
): void {
  packet.dup = false;
  const isRetainedFrame = packet.retain && packet.payload.length > 0 && packet.topic.endsWith('/frame');
  done(isRetainedFrame ? new Error('frames are not retained') : null);
}
