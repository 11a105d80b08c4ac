import { messageOf, Override, readJson, type Topics, Verdict } from '#contracts';
import type { LineConnection } from './connect.js';
import type { Readiness } from './readiness.js';

export interface ListenOptions {
  readonly connection: LineConnection;
  readonly topics: Topics;
  readonly readiness: Readiness;
  readonly onVerdict: (verdict: Verdict) => void;
  /** Given: records are subscribed to as well. */
  readonly onRecord?: (record: Verdict) => void;
  /** A verdict that is no `vision.verdict/1`, a record that is neither that nor `vision.override/1`: the sender is broken, and whoever waits must know. */
  readonly onUnreadable: (topic: string, problem: string) => void;
}

/** Hear what the inspectors of a station say: states, verdicts and, if asked for, records. Settles once subscribed. */
export async function listen(options: ListenOptions): Promise<void> {
  const { connection, topics, readiness, onVerdict, onRecord, onUnreadable } = options;
  const { client } = connection;
  const read = (topic: string, payload: Buffer, take: (verdict: Verdict) => void): void => {
    const value = readJson(payload.toString('utf8'));
    const parsed = Verdict.safeParse(value);
    if (parsed.success) take(parsed.data);
    // A person's word on a record stands on the record topic too.
    else if (topics.cameraOf(topic, 'record') !== null && Override.safeParse(value).success) return;
    else onUnreadable(topic, messageOf(parsed.error));
  };
  client.on('message', (topic, payload) => {
    if (topics.cameraOf(topic, 'verdict') !== null) read(topic, payload, onVerdict);
    else if (topics.cameraOf(topic, 'record') !== null) read(topic, payload, (record) => onRecord?.(record));
    else if (topic.startsWith(topics.base)) readiness.hear(topic, payload);
  });
  const filters = [
    topics.everyCamera('state'),
    `${topics.base}/inspector/+/state`,
    topics.everyCamera('verdict'),
    ...(onRecord === undefined ? [] : [topics.everyCamera('record')]),
  ];
  await client.subscribeAsync(filters, { qos: 1 });
}
