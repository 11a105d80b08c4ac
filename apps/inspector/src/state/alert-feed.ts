import type { Alert } from '#contracts';
import type { Publisher } from '../mqtt/publisher.js';
import { keyOf } from './alarms.js';

export interface AlertFeedOptions {
  readonly publisher: Pick<Publisher, 'publishAlert'>;
  /** Alarms that are on. */
  readonly active: () => readonly Alert[];
}

/** Alerts on their way to `base/alert`: nobody who heard an alarm begin is left without its end. */
export class AlertFeed {
  /** Ends that no broker has yet; the last one of each alarm and camera. */
  private readonly untold = new Map<string, Alert>();

  constructor(private readonly options: AlertFeedOptions) {}

  /** Resolves when the broker has it, or when an end is kept for the next connection. */
  async tell(alert: Alert): Promise<void> {
    const isTold = await this.options.publisher.publishAlert(alert);
    if (!isTold && !alert.active) this.untold.set(keyOf(alert), alert);
  }

  /** The broker is there anew: the ends first, because what ended may be on again; then what is on. */
  async repeat(): Promise<void> {
    const ended = [...this.untold.values()];
    this.untold.clear();
    await Promise.all([...ended, ...this.options.active()].map((alert) => this.tell(alert)));
  }
}
