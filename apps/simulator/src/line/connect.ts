import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { isTlsFailure, sayTlsFailure, type TlsSettings } from '#config';
import { DependencyError, messageOf } from '#contracts';

/** A connection to the line's broker, as a camera or a gate holds it. */
export interface LineConnection {
  readonly client: MqttClient;
  /** What the broker speaks: 5 has user properties for frame metadata, 3.1.1 needs the envelope. */
  readonly protocol: '5' | '3.1.1';
}

export interface ConnectOptions {
  /** `mqtt://host:port` or `mqtts://host:port`. */
  readonly url: string;
  readonly clientId: string;
  readonly username?: string | null;
  readonly password?: string | null;
  /** For `mqtts://`: what this client believes and shows. */
  readonly tls?: TlsSettings;
}

/** Time for one attempt; a broker on the line's own network answers within milliseconds. */
const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_MS = 1_000;
/** CONNACK codes for a protocol the server does not speak: 3.1.1 (section 3.2.2.3) and 5.0 (section 3.2.2.2). */
const UNSUPPORTED_PROTOCOL: ReadonlySet<unknown> = new Set([0x01, 0x84]);

/**
 * Connect with MQTT 5, or with 3.1.1 where the broker does not take 5. Reconnects by itself once it stood.
 * @throws DependencyError BROKER_UNREACHABLE when nobody is there, BROKER_SILENT when nobody answers, BROKER_REFUSED when
 *   the login is refused, BROKER_TLS when client and broker do not trust each other
 */
export async function connectLine(options: ConnectOptions): Promise<LineConnection> {
  try {
    return { client: await open(options, 5), protocol: '5' };
  } catch (error) {
    if (!UNSUPPORTED_PROTOCOL.has(codeOf(error))) throw explain(error, options);
  }
  try {
    return { client: await open(options, 4), protocol: '3.1.1' };
  } catch (error) {
    throw explain(error, options);
  }
}

async function open(options: ConnectOptions, protocolVersion: 4 | 5): Promise<MqttClient> {
  const settings: IClientOptions = {
    protocolVersion,
    clientId: options.clientId,
    clean: true,
    reconnectPeriod: 0,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A frame that waited for a broker is no longer the part in front of the camera.
    queueQoSZero: false,
    ...options.tls,
    ...(options.username ? { username: options.username, password: options.password ?? '' } : {}),
  };
  const client = await connectOnce(options.url, settings);
  client.options.reconnectPeriod = RECONNECT_MS;
  return client;
}

/** MQTT.js's word where the broker did not answer its CONNECT within `connectTimeout`. */
const UNANSWERED = 'connack timeout';

/**
 * One attempt.
 * @throws DependencyError BROKER_SILENT where the broker takes the connection and says nothing on it; as MQTT.js has it
 *   otherwise
 */
export function connectOnce(url: string, settings: IClientOptions): Promise<MqttClient> {
  return new Promise((resolve, reject) => {
    const client = connect(url, { ...settings, reconnectPeriod: 0 });
    let isTaken = false;
    const fail = (cause: Error): void => {
      client.off('close', close).end(true);
      reject(isTaken && cause.message === UNANSWERED ? silent(url, cause) : cause);
    };
    const close = (): void => fail(new Error('it closed the connection'));
    client.stream.once('connect', () => {
      isTaken = true;
    });
    client.on('error', fail).on('close', close);
    client.once('connect', () => {
      client.off('error', fail).off('close', close);
      resolve(client);
    });
  });
}

function silent(url: string, cause: Error): DependencyError {
  return new DependencyError(
    'BROKER_SILENT',
    `Broker ${url} takes the connection and acknowledges nothing on it. Look into its log, or start it anew.`,
    { cause },
  );
}

/** Reason code of a publish that the broker's rules do not allow (MQTT 5, 3.4.2.1). */
const NOT_AUTHORISED = 0x87;

/** What a publish failed of: rules of the broker in words for a person, anything else as it came. Brokers of 3.1.1 refuse without a word. */
export function explainPublish(cause: unknown, topic: string): unknown {
  if (codeOf(cause) !== NOT_AUTHORISED) return cause;
  return new DependencyError(
    'BROKER_REFUSED',
    `The broker does not let this client write on ${topic}: ${messageOf(cause)}. Take an identity that its rules allow it, as config/mosquitto-acl.example does.`,
    { cause },
  );
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}

function explain(cause: unknown, { url, username }: ConnectOptions): DependencyError {
  if (cause instanceof DependencyError) return cause;
  const code = codeOf(cause);
  if (typeof code === 'number') {
    return new DependencyError(
      'BROKER_REFUSED',
      `Broker ${url} refused ${username ? `user ${username}` : 'a client without a user name'}: ${messageOf(cause)}. Check name, password and certificates.`,
      { cause },
    );
  }
  if (isTlsFailure(cause)) {
    return new DependencyError(
      'BROKER_TLS',
      `Broker ${url} and this client do not trust each other: ${sayTlsFailure(cause)}. Check the authority, certificate and key that were given (--ca, --cert, --key), and both certificates' names and dates.`,
      { cause },
    );
  }
  return new DependencyError(
    'BROKER_UNREACHABLE',
    `Broker ${url} cannot be reached: ${messageOf(cause)}. Check that it runs and that the address is right.`,
    { cause },
  );
}
