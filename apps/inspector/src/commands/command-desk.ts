import {
  type AcknowledgeRequest,
  Command,
  CommandAddress,
  type CommandReply,
  codeOf,
  DependencyError,
  InputError,
  messageOf,
  parseCommand,
  RefusedError,
} from '#contracts';
import { type Activation, Registry } from '#registry';
import type { ChallengeDesk } from '../challenge/challenge-desk.js';
import type { Counters } from '../health/counters.js';
import type { Reporter } from '../health/reporter.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Recipes } from '../recipes.js';
import type { Alarms } from '../state/alarms.js';
import type { Changeover } from './changeover.js';
import type { OverrideDesk } from './override-desk.js';

/** Commands under way at most: a client that asks faster than they are carried out fills no memory. */
const MOST_UNDER_WAY = 100;

/** A publish on a camera's command topic. */
export interface CommandMessage {
  readonly camera: string;
  readonly payload: string;
  /** MQTT 5; null where the client has neither. */
  readonly responseTopic: string | null;
}

/** Where a reply goes; `to` null: nobody asked for one. */
export interface Reply {
  readonly to: string | null;
  readonly body: CommandReply;
}

export interface CommandDeskOptions {
  readonly inspectorId: string;
  readonly bootId: string;
  readonly registryDir: string;
  readonly recipes: Pick<Recipes, 'byCamera'>;
  readonly changeover: Pick<Changeover, 'switchTo'>;
  readonly challenges: Pick<ChallengeDesk, 'announce' | 'clear'>;
  readonly alarms: Pick<Alarms, 'acknowledge'>;
  readonly lots: { hold(lot: string): Promise<string>; release(lot: string): Promise<string> };
  readonly overrides: Pick<OverrideDesk, 'record'>;
  readonly ledger: Pick<Ledger, 'note'>;
  readonly counters: Counters;
  readonly reporter: Pick<Reporter, 'command'>;
}

type OverrideCommand = Extract<Command, { command: 'override' }>;

/** What was done, by whom, with whatever else was asked. */
interface Signed extends Readonly<Record<string, unknown>> {
  readonly command: Command['command'];
  readonly by: string;
  readonly message: string;
}

/**
 * Takes commands that change the line one after the other, and answers each, the ones nobody can read too. What was
 * carried out is kept in the ledger with the name of who asked. A person's word on a part changes nothing on the line
 * and waits for nobody: it may have to ask the plant database, which may be slow, and nothing else may wait for that.
 */
export class CommandDesk {
  private last: Promise<unknown> = Promise.resolve();
  private underWay = 0;

  constructor(private readonly options: CommandDeskOptions) {}

  /** The command of that name, asked for on the page. @throws InputError ALARM_NOT_ON; DependencyError NOT_RECORDED */
  acknowledge({ camera, alarm, by }: AcknowledgeRequest): Promise<string> {
    return this.inTurn(async () => {
      const message = this.options.alarms.acknowledge({ code: alarm, camera, by });
      return this.note(camera, { command: 'acknowledge', alarm, by, message });
    });
  }

  /** Never rejects: what goes wrong is in the reply. */
  async hear({ camera, payload, responseTopic }: CommandMessage): Promise<Reply> {
    const { inspectorId, bootId, counters, reporter } = this.options;
    let address: CommandAddress = {};
    let asked: string | null = null;
    let outcome: Pick<CommandReply, 'ok' | 'message' | 'code'>;
    try {
      const value = parseJson(payload);
      address = CommandAddress.safeParse(value).data ?? {};
      asked = typeof value['command'] === 'string' ? value['command'] : null;
      outcome = { ok: true, message: await this.admit(camera, parseCommand(value)), code: null };
    } catch (error) {
      const code = codeOf(error);
      outcome = { ok: false, message: messageOf(error), code };
    }
    counters.count('commands', { camera, result: outcome.code ?? 'ok' });
    reporter.command({ camera, command: asked, ...outcome });
    const { replyTo, correlationId = null } = address;
    const ts = new Date().toISOString();
    const about = { schema: 'vision.reply/1', camera, inspectorId, bootId, command: asked } as const;
    return { to: responseTopic ?? replyTo ?? null, body: { ...about, ...outcome, correlationId, ts } };
  }

  private async admit(camera: string, command: Command): Promise<string> {
    if (this.underWay >= MOST_UNDER_WAY)
      throw new RefusedError(
        'COMMANDS_BUSY',
        `Command ${command.command} is not carried out: ${MOST_UNDER_WAY} others are under way. Ask again when they are answered.`,
      );
    this.underWay += 1;
    return this.carryOut(camera, command).finally(() => {
      this.underWay -= 1;
    });
  }

  private async carryOut(camera: string, command: Command): Promise<string> {
    // A record of its own kind already.
    if (command.command === 'override') return this.override(command);
    return this.inTurn(async () => {
      const message = await this.act(camera, command);
      return this.note(camera, { ...command, message });
    });
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.last.then(work);
    this.last = done.catch(() => undefined);
    return done;
  }

  private async override({ command: _command, ...request }: OverrideCommand): Promise<string> {
    const { disposition, by, machine } = await this.options.overrides.record(request);
    return `${disposition} by ${by} stands beside the machine's ${machine.verdict} (${machine.reason}).`;
  }

  /** @returns what was done. @throws DependencyError NOT_RECORDED: it was done all the same, and is not undone */
  private async note(camera: string | null, { command: event, by, ...details }: Signed): Promise<string> {
    const ts = new Date().toISOString();
    try {
      await this.options.ledger.note({ event, by, camera, ts, details: { command: event, ...details } });
    } catch (cause) {
      throw new DependencyError(
        'NOT_RECORDED',
        `Carried out, but that ${by} asked for it is not recorded. ${details.message} ${messageOf(cause)}`,
        { cause },
      );
    }
    return details.message;
  }

  private async act(camera: string, command: Exclude<Command, OverrideCommand>): Promise<string> {
    const { changeover, challenges, alarms, lots } = this.options;
    switch (command.command) {
      case 'changeover':
        return changeover.switchTo(camera, command.recipe);
      case 'acknowledge':
        return alarms.acknowledge({ code: command.alarm, camera, by: command.by });
      case 'start-challenge':
        return challenges.announce(camera, command.parts);
      case 'clear-challenge':
        return challenges.clear(camera, command);
      case 'rollback': {
        const { modelId } = await this.rollBack(camera, command);
        return `${modelId} inspects again, by ${command.by}; it switches within a moment.`;
      }
      case 'hold-lot':
        return lots.hold(command.lot);
      case 'release-lot':
        return lots.release(command.lot);
    }
  }

  private async rollBack(camera: string, { from, by }: { from: string; by: string }): Promise<Activation> {
    const recipe = this.options.recipes.byCamera.get(camera) ?? '';
    const registry = await Registry.open(this.options.registryDir);
    return registry.rollback({ recipe, by, from });
  }
}

function parseJson(payload: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(payload);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // Said below, with what was expected.
  }
  throw new InputError(
    'COMMAND_INVALID',
    `Command refused: expected a JSON object with \`command\` and \`by\`, got ${JSON.stringify(payload.slice(0, 40))}. See docs/messages.md.`,
  );
}
