import type { Alert } from '#contracts';

export interface AlarmOptions {
  readonly inspectorId: string;
  readonly bootId: string;
  /** Told when an alarm begins, says something new, or ends. */
  readonly onAlert: (alert: Alert) => void;
}

/** Alarms that are on. One is told when it begins and when it ends, not while it lasts. */
export class Alarms {
  private readonly on = new Map<string, string>();

  constructor(private readonly options: AlarmOptions) {}

  raise(code: string, message: string, camera: string | null = null): void {
    const key = `${code} ${camera ?? ''}`;
    if (this.on.get(key) === message) return;
    this.on.set(key, message);
    this.tell({ code, message, camera, active: true });
  }

  clear(code: string, camera: string | null = null): void {
    const key = `${code} ${camera ?? ''}`;
    const message = this.on.get(key);
    if (message === undefined) return;
    this.on.delete(key);
    this.tell({ code, message, camera, active: false });
  }

  private tell(alert: Pick<Alert, 'code' | 'message' | 'camera' | 'active'>): void {
    const { inspectorId, bootId, onAlert } = this.options;
    onAlert({ schema: 'vision.alert/1', ...alert, inspectorId, bootId, ts: new Date().toISOString() });
  }
}
