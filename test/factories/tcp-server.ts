import { once } from 'node:events';
import { type AddressInfo, createServer, type ServerOpts, type Socket } from 'node:net';
import { after } from 'node:test';

export interface TcpServer {
  /** On 127.0.0.1, chosen by the system. */
  readonly port: number;
  /** Takes nobody any more and ends every connection, whatever its client does. */
  stop(): Promise<void>;
}

/**
 * A server that does this with every connection: nothing, and who asks hears nothing. It ends with the running test or
 * suite.
 */
export async function startTcpServer(take: (socket: Socket) => void, options: ServerOpts = {}): Promise<TcpServer> {
  const sockets = new Set<Socket>();
  const server = createServer(options, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
    take(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async (): Promise<void> => {
    if (!server.listening) return;
    const closed = once(server, 'close');
    server.close();
    for (const socket of sockets) socket.destroy();
    await closed;
  };
  after(stop);
  return { port, stop };
}
