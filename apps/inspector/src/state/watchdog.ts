import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Supervisor } from '#config';
import { messageOf } from '#contracts';

/** Signs of life per interval of the supervisor: one may be lost. */
const SIGNS = 3;

export interface WatchdogOptions {
  /** Null where nobody watches: then nothing is said. */
  readonly supervisor: Supervisor | null;
  /** Models really compute: the last frames were inferred, or golden pictures are, just now. Rejects when they do not. */
  readonly prove: () => Promise<void>;
  /** A sign of life was held back, or could not be given. */
  readonly onSilent: (problem: string) => void;
  /** sd_notify; systemd's own program by default, because Node has no datagram sockets of the local kind. */
  readonly notify?: (state: string) => Promise<unknown>;
}

/** Tells the supervisor that the inspector is up, and again and again that it really inspects. */
export class Watchdog {
  private timer: NodeJS.Timeout | null = null;
  private proving: Promise<void> | null = null;

  constructor(private readonly options: WatchdogOptions) {}

  /** When the inspector is started. */
  async start(): Promise<void> {
    const { supervisor } = this.options;
    if (supervisor === null) return;
    await this.say('READY=1');
    if (supervisor.watchdogMs !== null) this.timer = setInterval(() => void this.sign(), supervisor.watchdogMs / SIGNS);
  }

  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    await this.proving;
    if (this.options.supervisor !== null) await this.say('STOPPING=1');
  }

  /** One sign of life, if there is life. A proof that does not come back gives none, and no second one is begun. */
  sign(): Promise<void> {
    this.proving ??= this.options
      .prove()
      .then(
        () => this.say('WATCHDOG=1'),
        (error: unknown) => this.options.onSilent(messageOf(error)),
      )
      .finally(() => {
        this.proving = null;
      });
    return this.proving;
  }

  private async say(state: string): Promise<void> {
    const { notify = systemdNotify, onSilent } = this.options;
    await notify(state).catch((error: unknown) => onSilent(messageOf(error)));
  }
}

function systemdNotify(state: string): Promise<unknown> {
  return promisify(execFile)('systemd-notify', [state]);
}
