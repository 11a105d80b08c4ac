import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { after } from 'node:test';
import { type Packet, parser } from 'mqtt-packet';

/** A frame topic ends so (line contract). */
const FRAME = /\/frame$/;
/** Of a frameId, characters (contracts). */
const LONGEST_NAME = 128;

export interface TapOptions {
  /** Port of the broker behind it. */
  readonly brokerPort: number;
  /** A frame went out to an inspector. */
  readonly onDelivered: (frame: WireFrame) => void;
  /** The inspector acknowledged it. */
  readonly onAcknowledged: (frame: WireFrame) => void;
}

export interface WireFrame {
  readonly topic: string;
  /** Null where it names none. */
  readonly frameId: string | null;
  /** MQTT client id of the inspector's connection. */
  readonly clientId: string;
}

interface Pair {
  readonly client: Socket;
  readonly broker: Socket;
}

/**
 * The network between an inspector and its broker: passes bytes on, notes which frames crossed it and which were
 * acknowledged, and can be cut or fall silent.
 */
export class Tap {
  readonly #options: TapOptions;
  readonly #pairs = new Set<Pair>();
  #server: Server | null = null;
  #isCut = false;
  #isSilent = false;

  constructor(options: TapOptions) {
    this.#options = options;
  }

  /** @returns the port that stands for the broker's; closed with the running test */
  async start(): Promise<number> {
    const server = createServer((client) => this.#join(client)).listen(0, '127.0.0.1');
    this.#server = server;
    await once(server, 'listening');
    after(() => this.stop());
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a TCP address');
    return address.port;
  }

  /** Every connection breaks, and none comes through until `mend`. */
  cut(): void {
    this.#isCut = true;
    this.#breakAll();
  }

  /** Half-open: connections stay, and nothing that is sent arrives, either way, until `mend`. */
  silence(): void {
    this.#isSilent = true;
  }

  /** New connections come through again. Those that were silent stay so: what was swallowed is gone. */
  mend(): void {
    this.#isCut = false;
    this.#isSilent = false;
  }

  /** As a broken or hostile network would: bytes on every connection to the inspector. */
  inject(bytes: Uint8Array): void {
    for (const { client } of this.#pairs) client.write(bytes);
  }

  stop(): void {
    this.#server?.close();
    this.#breakAll();
  }

  #breakAll(): void {
    for (const { client, broker } of this.#pairs) {
      client.resetAndDestroy();
      broker.resetAndDestroy();
    }
  }

  #join(client: Socket): void {
    if (this.#isCut) {
      client.resetAndDestroy();
      return;
    }
    const broker = connect(this.#options.brokerPort, '127.0.0.1');
    const pair = { client, broker };
    this.#pairs.add(pair);
    const watch = this.#watch();
    // Once it swallowed something a connection is no use any more.
    let isDeaf = false;
    const pass = (to: Socket, see: (bytes: Buffer) => void) => (bytes: Buffer) => {
      isDeaf ||= this.#isSilent;
      if (isDeaf) return;
      see(bytes);
      to.write(bytes);
    };
    client.setNoDelay(true).on('data', pass(broker, watch.fromInspector));
    broker.setNoDelay(true).on('data', pass(client, watch.fromBroker));
    const end = (): void => {
      this.#pairs.delete(pair);
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) socket.on('error', end).on('close', end);
  }

  /** What one connection carries, read beside it. */
  #watch(): { fromInspector: (bytes: Buffer) => void; fromBroker: (bytes: Buffer) => void } {
    const { onDelivered, onAcknowledged } = this.#options;
    const waiting = new Map<number, WireFrame>();
    const down = parser({ protocolVersion: 5 });
    const up = parser({ protocolVersion: 5 });
    let clientId = '';
    down.on('packet', (packet: Packet) => {
      // Retained ones are ignored by contract.
      if (packet.cmd !== 'publish' || packet.messageId === undefined || packet.retain) return;
      if (!FRAME.test(packet.topic)) return;
      const said = packet.properties?.userProperties?.['frameId'];
      const isName = typeof said === 'string' && said.length > 0 && said.length <= LONGEST_NAME;
      const frame = { topic: packet.topic, frameId: isName ? said : null, clientId };
      waiting.set(packet.messageId, frame);
      onDelivered(frame);
    });
    up.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') clientId = packet.clientId;
      if (packet.cmd !== 'puback' || packet.messageId === undefined) return;
      const frame = waiting.get(packet.messageId);
      waiting.delete(packet.messageId);
      if (frame !== undefined) onAcknowledged(frame);
    });
    // A packet nobody can read is no frame; whether the two ends bear it is what is tested.
    for (const each of [down, up]) each.on('error', () => undefined);
    return { fromInspector: (bytes) => void up.parse(bytes), fromBroker: (bytes) => void down.parse(bytes) };
  }
}
