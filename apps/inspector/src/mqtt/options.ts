import type { IClientOptions } from 'mqtt';
import { type InspectorConfig, readTls, type Secrets } from '#config';

/** The broker declares a silent client dead after 1.5 times this: a power cut shows as OFFLINE within 15 s. */
const KEEPALIVE_SECONDS = 10;
const CONNECT_TIMEOUT_MS = 5_000;

export interface LastWill {
  readonly topic: string;
  readonly payload: string;
}

export interface ConnectionRequest {
  /** Known when the embedded broker listens. */
  readonly url: () => string;
  readonly broker: InspectorConfig['broker'];
  readonly secrets: Pick<Secrets, 'brokerPassword'>;
  /** Unique in the broker: a second client with the same id would throw the first out. */
  readonly clientId: string;
  readonly will?: LastWill;
}

/**
 * What MQTT.js needs for one connection. Sessions are clean and reconnecting is ours, with a fresh client each time:
 * nothing queued while the broker was away is sent afterwards.
 * @throws InputError BROKER_TLS when a certificate or key cannot be read
 */
export function connectionOptions(request: ConnectionRequest): { url: string; options: IClientOptions } {
  const { broker, secrets, clientId, will } = request;
  const url = request.url();
  const isVersion5 = broker.protocol === '5' && broker.url !== 'embedded';
  const options: IClientOptions = {
    protocolVersion: isVersion5 ? 5 : 4,
    ...(isVersion5 && { properties: { receiveMaximum: broker.receiveMaximum } }),
    clientId,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
    ...(broker.username !== null && { username: broker.username }),
    ...(broker.username !== null && secrets.brokerPassword !== null && { password: secrets.brokerPassword }),
    ...(url.startsWith('mqtts:') && readTls(broker)),
    ...(will !== undefined && { will: { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true } }),
  };
  return { url, options };
}
