import type { IPublishPacket, MqttClient } from 'mqtt';
import { type CodedError, DependencyError, messageOf, type Topics } from '#contracts';
import type { Message } from '../ingest/read-frame.js';
import { BrokerConnection } from './connection.js';
import { type ConnectionRequest, connectionOptions } from './options.js';
import { subscribe } from './subscribe.js';

export interface IngestOptions extends Omit<ConnectionRequest, 'will'> {
  readonly topics: Topics;
  readonly cameras: readonly string[];
  /** Name of the shared subscription, where frames are dealt out. */
  readonly group: string;
  /** Durable when it resolves: only then is the frame acknowledged. Rejecting closes the connection unacknowledged. */
  readonly onFrame: (message: Message) => Promise<void>;
  readonly onRetained: (camera: string) => void;
  readonly onUp: () => void;
  readonly onDown: (error: CodedError) => void;
}

/** Frames come in here: a few connections, each with its share of the cameras. */
export class Ingest {
  private readonly connections: readonly BrokerConnection[];

  constructor(options: IngestOptions) {
    const { ingestConnections, share } = options.broker;
    const isDealt = share === 'frames';
    const count = isDealt ? ingestConnections : Math.min(ingestConnections, options.cameras.length);
    this.connections = Array.from({ length: count }, (_, i) => {
      const cameras = options.cameras.filter((_camera, index) => isDealt || index % count === i);
      return makeConnection({ ...options, cameras, clientId: `${options.clientId}-ingest${i + 1}` });
    });
  }

  /** No frame is taken until `resume`; what the broker sent and was not acknowledged stays unacknowledged. Made paused. */
  pause(): void {
    for (const connection of this.connections) connection.pause();
  }

  resume(): void {
    for (const connection of this.connections) connection.resume();
  }

  /** Every camera's frames would arrive. */
  get isUp(): boolean {
    return this.connections.every(({ live }) => live !== null);
  }

  async stop(): Promise<void> {
    await Promise.all(this.connections.map((connection) => connection.stop()));
  }
}

function makeConnection(options: IngestOptions): BrokerConnection {
  const { topics, cameras, onUp, onDown } = options;
  // One group per boot: its members are the connections of this inspector alone.
  const group = options.broker.share === 'frames' ? `$share/${options.group}/` : '';
  const filters = cameras.map((camera) => `${group}${topics.camera(camera, 'frame')}`);
  return new BrokerConnection({
    where: () => connectionOptions(options),
    onDown,
    onLive: onUp,
    onUp: async (client) => {
      takeFrames(client, options);
      await subscribe(client, options.url(), filters);
    },
  });
}

/** MQTT.js hands over the next packet, and sends the PUBACK, only after this calls back. */
function takeFrames(client: MqttClient, options: IngestOptions): void {
  client.handleMessage = (packet, done) => {
    const { topics, onFrame, onRetained } = options;
    const camera = topics.cameraOf(packet.topic.toString(), 'frame');
    if (camera === null) return done();
    if (packet.retain) {
      onRetained(camera);
      return done();
    }
    onFrame(toMessage(packet, camera)).then(
      () => done(),
      // Not accepted: without the call back there is no PUBACK.
      (cause: unknown) => client.emit('error', refusedFrame(camera, cause)),
    );
  };
}

function refusedFrame(camera: string, cause: unknown): DependencyError {
  return new DependencyError(
    'FRAME_REFUSED',
    `A frame of ${camera} was not accepted and is not acknowledged: ${messageOf(cause)} Connecting anew.`,
    { cause },
  );
}

function toMessage(packet: IPublishPacket, camera: string): Message {
  const { payload } = packet;
  return {
    camera,
    payload: typeof payload === 'string' ? Buffer.from(payload) : payload,
    userProperties: packet.properties?.userProperties ?? null,
    receivedAt: performance.now(),
    receivedTs: new Date().toISOString(),
    isStale: packet.dup === true,
  };
}
