import { Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { connect, ErrorWithReasonCode, type IClientOptions, type MqttClient } from 'mqtt';
import { isTlsFailure, sayTlsFailure } from '#config';
import { CodedError, DependencyError } from '#contracts';

/** Waits before the next attempt, ms: doubled from the first to the second figure, each shortened by up to half. */
const BACKOFF_MS = [250, 15_000] as const;
/** What may be over soon. Anything else, a refused login say, takes a person: asking again at once does not help. */
const TRANSIENT: readonly string[] = ['BROKER_UNREACHABLE', 'BROKER_SILENT', 'BROKER_LOST', 'FRAME_REFUSED'];
/** Wait where a person is needed, ms. */
const REFUSED_MS = 60_000;
/** Shorter connections count as failed attempts: two clients with one id must not throw each other out in a loop. */
const STABLE_MS = 5_000;
/** Longest that the broker may take to answer what is said on a fresh connection, ms. */
const GREET_MS = 5_000;
/** Longest that taking leave of the broker may take, ms. */
const LEAVE_MS = 2_000;
/** MQTT.js's word where the broker did not answer its CONNECT within `connectTimeout`. */
const UNANSWERED = 'connack timeout';

export interface ConnectionOptions {
  /** Asked before every attempt: certificates may have been renewed, and the embedded broker's port is known late. */
  readonly where: () => { readonly url: string; readonly options: IClientOptions };
  /** Connected: subscribe, greet. Rejecting closes the connection. */
  readonly onUp: (client: MqttClient) => Promise<void>;
  /** Usable from now on. */
  readonly onLive?: () => void;
  /** Lost or not reachable; told once per loss, and again when the reason is another one. */
  readonly onDown: (error: CodedError) => void;
}

/** One connection to the broker that comes back by itself. Every attempt is a new client without a past. */
export class BrokerConnection {
  private client: MqttClient | null = null;
  private timer: NodeJS.Timeout | null = null;
  private attempts = 0;
  private isUp = false;
  private isPaused = true;
  private isStopped = false;
  private lastProblem: CodedError | null = null;
  private toldCode: string | null = null;

  constructor(private readonly setup: ConnectionOptions) {}

  /** The connected client; null while there is none. */
  get live(): MqttClient | null {
    return this.isUp ? this.client : null;
  }

  /**
   * Connect and stay connected. Returns after the first attempt, whether the broker was there and took this client or not.
   * @throws BROKER_TLS when the broker cannot even be asked: InputError where a file cannot be read, DependencyError where
   *   certificate and key do not belong together
   */
  async start(): Promise<void> {
    this.isPaused = false;
    const unfit = await this.attempt();
    if (unfit === null) return;
    await this.stop();
    throw unfit;
  }

  /** Leave the broker for now; `resume` comes back. A packet being handled is not acknowledged. */
  pause(): void {
    this.isPaused = true;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.isUp = false;
    this.client?.end(true);
  }

  resume(): void {
    if (!this.isPaused || this.isStopped) return;
    this.isPaused = false;
    void this.attempt();
  }

  /**
   * Say goodbye in order, so that no last will is sent. For good: who resumes it later is late. A broker that has fallen
   * silent is left without it.
   * @param farewell last words, while there is a connection
   */
  async stop(farewell: () => Promise<void> = async () => undefined): Promise<void> {
    this.isStopped = true;
    const { live } = this;
    if (live === null) return this.pause();
    this.isPaused = true;
    const leave = async (): Promise<void> => {
      await farewell();
      this.isUp = false;
      await live.endAsync();
    };
    // MQTT.js would wait for acknowledgements that a connection which breaks meanwhile cannot bring, and for ever for a
    // broker that says nothing: while it leaves it does not ask any more whether somebody is there.
    const closed = new Promise<void>((resolve) => live.once('close', () => resolve()));
    await Promise.race([leave(), closed, wait(LEAVE_MS, undefined, { ref: false })]);
    this.isUp = false;
    live.stream.destroy();
  }

  /**
   * Resolves when the attempt came to something: up, refused or not reachable.
   * @returns why the broker could not even be asked, else null
   */
  private async attempt(): Promise<CodedError | null> {
    this.lastProblem = null;
    try {
      const { url, options } = this.setup.where();
      await this.open(url, options);
      return null;
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      this.lastProblem = error;
      this.lose('');
      return error;
    }
  }

  private open(url: string, options: IClientOptions): Promise<void> {
    return new Promise((settle) => {
      const client = makeClient(url, options);
      this.client = client;
      let upAt = 0;
      let isTaken = false;
      client.stream.once('connect', () => {
        isTaken = true;
      });
      const greet = async (): Promise<void> => {
        const impatience = setTimeout(() => client.emit('error', silentBroker(url)), GREET_MS);
        client.once('close', () => clearTimeout(impatience));
        await this.setup.onUp(client);
        clearTimeout(impatience);
        if (client !== this.client || !client.connected || this.isPaused) return;
        this.isUp = true;
        upAt = performance.now();
        this.setup.onLive?.();
      };
      client.on('connect', () => {
        // Verdicts are small packets on a quiet line: Nagle's algorithm would hold each for up to 40 ms.
        if (client.stream instanceof Socket) client.stream.setNoDelay(true);
        greet()
          .catch((error: Error) => {
            // Where we left it ourselves, that is why.
            this.lastProblem ??= brokerError(url, error);
            client.end(true);
          })
          .finally(settle);
      });
      client.on('error', (error) => {
        this.lastProblem = isTaken && error.message === UNANSWERED ? silentBroker(url) : brokerError(url, error);
        // After the connection stands an error means that this client cannot go on.
        client.end(true);
      });
      client.once('close', () => {
        client.end(true);
        if (upAt > 0 && performance.now() - upAt > STABLE_MS) this.attempts = 0;
        if (client === this.client) this.lose(url);
        settle();
      });
    });
  }

  private lose(url: string): void {
    if (this.isPaused) return;
    const problem = this.lastProblem ?? lostBroker(url);
    this.lastProblem = problem;
    // A login refused after the broker was away is news too: it takes a person.
    const isNews = this.isUp || this.attempts === 0 || problem.code !== this.toldCode;
    this.toldCode = problem.code;
    this.isUp = false;
    this.attempts += 1;
    if (isNews) this.setup.onDown(problem);
    const backoffMs = Math.min(BACKOFF_MS[0] * 2 ** (this.attempts - 1), BACKOFF_MS[1]);
    // Jitter: inspectors that lost one broker together do not come back together.
    const waitMs = TRANSIENT.includes(problem.code) ? backoffMs * (0.5 + Math.random() / 2) : REFUSED_MS;
    this.timer = setTimeout(() => void this.attempt(), waitMs);
  }
}

/** Certificates amid their renewal, a new one with the old key say, are refused by OpenSSL before anything is sent. */
function makeClient(url: string, options: IClientOptions): MqttClient {
  try {
    return connect(url, options);
  } catch (cause) {
    throw brokerError(url, cause as Error);
  }
}

/** It stands, answers whether it is there, and acknowledges nothing: of no use, and no better by waiting. */
export function silentBroker(url: string): DependencyError {
  return new DependencyError(
    'BROKER_SILENT',
    `Broker ${url} takes this inspector's connection and acknowledges nothing on it. Look into its log, or start it anew; trying again.`,
  );
}

/** It hung up on us, or the way to it broke, without a word. */
function lostBroker(url: string): DependencyError {
  return new DependencyError(
    'BROKER_LOST',
    `Broker ${url} closed the connection. Its log says why, where it still runs; trying again.`,
  );
}

function brokerError(url: string, cause: Error): CodedError {
  if (cause instanceof CodedError) return cause;
  if (cause instanceof ErrorWithReasonCode) {
    return new DependencyError(
      'BROKER_REFUSED',
      `Broker ${url} refuses this inspector: ${cause.message}. Check broker.username, LINESIDE_BROKER_PASSWORD, certificates and broker.protocol.`,
      { cause },
    );
  }
  if (isTlsFailure(cause)) {
    return new DependencyError(
      'BROKER_TLS',
      `Broker ${url} and this inspector do not trust each other: ${sayTlsFailure(cause)}. Check broker.ca, broker.cert, broker.key and both certificates' names and dates.`,
      { cause },
    );
  }
  return new DependencyError(
    'BROKER_UNREACHABLE',
    `Broker ${url} cannot be reached: ${cause.message || (cause as NodeJS.ErrnoException).code}. Check that it runs and broker.url; trying again.`,
    { cause },
  );
}
