import { setTimeout as wait } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { TlsSettings } from '#config';
import { CommandReply, DependencyError, InputError, parseCommand, Topics } from '#contracts';
import { connectLine, explainPublish } from './connect.js';

/** A change-over waits for frames that are in, before and after it switches, 10 s each at most; nothing takes longer. */
const REPLY_MS = 30_000;

export interface CommandRequest {
  readonly url: string;
  readonly station: string;
  readonly camera: string;
  readonly username: string | null;
  readonly password: string | null;
  /** For `mqtts://`. */
  readonly tls?: TlsSettings;
  readonly command: Readonly<Record<string, unknown>>;
  /** Longest wait for the reply, ms. */
  readonly replyMs?: number;
}

/**
 * Ask a camera's inspector and wait for its word. What no inspector would do is refused before anything is sent.
 * @returns what was done
 * @throws InputError COMMAND_UNKNOWN | COMMAND_INVALID, or with the reply's code when it refused; DependencyError NO_REPLY, BROKER_UNREACHABLE, BROKER_SILENT, BROKER_REFUSED, BROKER_TLS
 */
export async function sendCommand(request: CommandRequest): Promise<string> {
  const { station, camera, replyMs = REPLY_MS, ...where } = request;
  // As it goes over the wire: without what was not said.
  const command: Record<string, unknown> = JSON.parse(JSON.stringify(request.command));
  parseCommand(command);
  const topics = new Topics(station);
  const asker = ulid().toLowerCase();
  const { client } = await connectLine({ ...where, clientId: `lineside-command-${asker}` });
  try {
    const replyTo = topics.reply(asker);
    await client.subscribeAsync(replyTo, { qos: 1 });
    const heard = new Promise<Buffer>((resolve) => client.once('message', (_topic, payload) => resolve(payload)));
    const asked = JSON.stringify({ ...command, replyTo, correlationId: asker });
    const topic = topics.camera(camera, 'cmd');
    await client.publishAsync(topic, asked, { qos: 1 }).catch((error: unknown) => {
      throw explainPublish(error, topic);
    });
    const payload = await Promise.race([heard, wait(replyMs, null, { ref: false })]);
    if (payload === null) {
      throw new DependencyError(
        'NO_REPLY',
        `No inspector answered for ${camera} of ${station} within ${replyMs / 1_000} s. Check both names and that one runs there; where one does, it may be carried out all the same.`,
      );
    }
    const { ok, code, message } = CommandReply.parse(JSON.parse(payload.toString('utf8')));
    if (ok) return message;
    throw new InputError(code ?? 'COMMAND_INVALID', message);
  } finally {
    await client.endAsync(true);
  }
}
