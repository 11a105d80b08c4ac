import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IClientPublishOptions } from 'mqtt';
import { ulid } from 'ulid';
import { DependencyError, packEnvelope, type Topics } from '#contracts';
import { explainPublish, type LineConnection } from './connect.js';

/** One picture of one part, ready to be sent. */
export interface Shot {
  readonly partId: string;
  readonly lot: string | null;
  /** JPEG or PNG, as it is sent. */
  readonly picture: Uint8Array;
  /** Known-bad part that proves detection. */
  readonly challenge?: boolean;
}

export interface SentFrame {
  readonly frameId: string;
  readonly seq: number;
  readonly camera: string;
  readonly partId: string;
  /** Monotonic milliseconds (`performance.now()`) just before publishing: the trigger. */
  readonly sentAt: number;
}

export interface CameraOptions {
  readonly connection: LineConnection;
  readonly topics: Topics;
  readonly name: string;
  /** Recipe to ask for; null leaves it to the camera's own. */
  readonly recipe?: string | null;
  /** True for pictures no real part stands behind. */
  readonly isSimulated: boolean;
  /** Time the verdict is worth waiting for, ms; frames expire at the broker after it, rounded up to whole seconds. */
  readonly windowMs: number;
}

/** A camera of the line: gives every shot an identity and publishes it, QoS 1, binary, never retained. */
export class Camera {
  readonly name: string;
  readonly #options: CameraOptions;
  readonly #bootId = randomUUID();
  #seq = 0;

  constructor(options: CameraOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** Identity for a shot about to be published, so that a gate can be told first. */
  trigger(shot: Shot): SentFrame {
    return {
      frameId: ulid(),
      seq: this.#seq++,
      camera: this.name,
      partId: shot.partId,
      sentAt: performance.now(),
    };
  }

  /**
   * Publish a triggered shot; settles at the broker's PUBACK.
   * @throws DependencyError BROKER_AWAY when not connected, PUBACK_MISSING when the broker does not answer in the window,
   *   BROKER_REFUSED when it lets this client not write there
   */
  async publish(shot: Shot, { frameId, seq }: SentFrame): Promise<void> {
    const { connection, topics, recipe, isSimulated } = this.#options;
    const metadata = {
      frameId,
      partId: shot.partId,
      ...(shot.lot === null ? {} : { lot: shot.lot }),
      ...(recipe ? { recipe } : {}),
      captureTs: new Date().toISOString(),
      seq: String(seq),
      bootId: this.#bootId,
      simulated: isSimulated ? ('true' as const) : ('false' as const),
      challenge: shot.challenge ? ('true' as const) : ('false' as const),
    };
    const topic = topics.camera(this.name, 'frame');
    const { client } = connection;
    if (!client.connected) {
      // MQTT.js would keep the frame and send it after the reconnect, when its part is long gone.
      throw new DependencyError('BROKER_AWAY', `Camera ${this.name} has no broker: the frame is dropped.`);
    }
    if (connection.protocol === '3.1.1') {
      await this.#acknowledged(client.publishAsync(topic, packEnvelope(metadata, shot.picture), { qos: 1 }), topic);
      return;
    }
    const properties: IClientPublishOptions['properties'] = {
      userProperties: metadata,
      messageExpiryInterval: Math.ceil(this.#options.windowMs / 1000),
    };
    await this.#acknowledged(client.publishAsync(topic, Buffer.from(shot.picture), { qos: 1, properties }), topic);
  }

  async #acknowledged(publishing: Promise<unknown>, topic: string): Promise<void> {
    const { windowMs } = this.#options;
    const done = new AbortController();
    const givingUp = sleep(windowMs, undefined, { signal: done.signal, ref: false }).then(() => {
      throw new DependencyError(
        'PUBACK_MISSING',
        `Camera ${this.name}: the broker did not acknowledge a frame within ${windowMs} ms.`,
      );
    });
    try {
      await Promise.race([publishing, givingUp]);
    } catch (error) {
      throw explainPublish(error, topic);
    } finally {
      done.abort();
    }
  }
}
