import { z } from 'zod';
import { InputError, messageOf } from './errors.js';
import { PersonName } from './jobs.js';
import { Name } from './name.js';
import { NAME_ONE, namesOne, OVERRIDE_TARGET, OverrideWords } from './override.js';
import { TopicSegment } from './topics.js';
import { Timestamp } from './verdict.js';

/** Parts that a person may announce as challenge parts at once. */
const MAX_CHALLENGE_PARTS = 100;
const by = PersonName;

/** `base/{camera}/cmd`: what a person or a PLC asks of a camera's inspector. Every one names who answers for it. */
export const Command = z.discriminatedUnion('command', [
  /** Model, region and deadline of another recipe, together; NOT_READY(CHANGEOVER) meanwhile. */
  z.strictObject({ command: z.literal('changeover'), recipe: TopicSegment, by }),
  /** An alarm that is on, of this camera or of the whole inspector. */
  z.strictObject({ command: z.literal('acknowledge'), alarm: Name, by }),
  /** The next parts at this camera are known-bad ones. */
  z.strictObject({
    command: z.literal('start-challenge'),
    parts: z.number().int().min(1).max(MAX_CHALLENGE_PARTS).default(1),
    by,
  }),
  /** The camera may inspect again after a challenge part passed; `frameId`: its frame, refused when another one passed since. */
  z.strictObject({ command: z.literal('clear-challenge'), frameId: Name, by }),
  /** `from`: the model the person wants to leave; refused when another one is active by now, or twice. */
  z.strictObject({ command: z.literal('rollback'), from: Name, by }),
  /** Pictures of this lot are not pruned until it is released. */
  z.strictObject({ command: z.literal('hold-lot'), lot: Name, by }),
  z.strictObject({ command: z.literal('release-lot'), lot: Name, by }),
  /** What becomes of a part, beside the machine's verdict; nothing on the line changes. */
  OverrideWords.extend({ command: z.literal('override'), ...OVERRIDE_TARGET }).refine(namesOne, NAME_ONE),
]);
export type Command = z.infer<typeof Command>;

export const COMMANDS = Command.options.map(({ shape }) => shape.command.value);

/**
 * What somebody asks, by the schema; its {@link CommandAddress} may stand beside it.
 * @throws InputError COMMAND_UNKNOWN | COMMAND_INVALID naming every wrong field
 */
export function parseCommand({
  replyTo: _replyTo,
  correlationId: _correlationId,
  ...value
}: Readonly<Record<string, unknown>>): Command {
  const name = value['command'];
  if (!COMMANDS.some((known) => known === name)) {
    throw new InputError(
      'COMMAND_UNKNOWN',
      `There is no command ${JSON.stringify(name)}; there are ${COMMANDS.join(', ')}.`,
    );
  }
  const parsed = Command.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError('COMMAND_INVALID', `Command ${name} refused: ${messageOf(parsed.error)}.`);
}

/** Body of POST /api/alarms/acknowledge; `camera` null: an alarm of the whole inspector. */
export const AcknowledgeRequest = z.strictObject({ alarm: Name, camera: Name.nullable(), by });
export type AcknowledgeRequest = z.infer<typeof AcknowledgeRequest>;

/** Where the reply goes, in the JSON of 3.1.1 clients; MQTT 5 has properties for both. */
export const CommandAddress = z.object({ replyTo: z.string().min(1).optional(), correlationId: z.string().optional() });
export type CommandAddress = z.infer<typeof CommandAddress>;

/** The reply to one command, QoS 1, never retained. */
export const CommandReply = z.object({
  schema: z.literal('vision.reply/1'),
  camera: z.string(),
  inspectorId: z.string(),
  bootId: z.string(),
  /** What was asked; null when that could not be read. */
  command: z.string().nullable(),
  ok: z.boolean(),
  /** What was done, for a person. */
  message: z.string(),
  /** Null when it was carried out. */
  code: z.string().nullable(),
  correlationId: z.string().nullable(),
  ts: Timestamp,
});
export type CommandReply = z.infer<typeof CommandReply>;
