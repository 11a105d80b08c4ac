import type { Alert } from '#contracts';

export interface AlarmOptions {
  readonly inspectorId: string;
  readonly bootId: string;
  /** Told when an alarm begins, says something new, or ends. */
  readonly onAlert: (alert: Alert) => void;
}

/** Alarms that are on. One is told when it begins and when it ends, not while it lasts. */
export class Alarms {
  private readonly on = new Map<string, Alert>();

  constructor(private readonly options: AlarmOptions) {}

  raise(code: string, message: string, camera: string | null = null): void {
    const key = keyOf(code, camera);
    if (this.on.get(key)?.message === message) return;
    const alert = this.makeAlert({ code, message, camera });
    this.on.set(key, alert);
    this.options.onAlert(alert);
  }

  clear(code: string, camera: string | null = null): void {
    const key = keyOf(code, camera);
    const alert = this.on.get(key);
    if (alert === undefined) return;
    this.on.delete(key);
    this.options.onAlert({ ...this.makeAlert(alert), active: false });
  }

  /** Those that are on, for whoever could not hear them begin. */
  get active(): Alert[] {
    return [...this.on.values()];
  }

  private makeAlert({ code, message, camera }: Pick<Alert, 'code' | 'message' | 'camera'>): Alert {
    const { inspectorId, bootId } = this.options;
    const ts = new Date().toISOString();
    return { schema: 'vision.alert/1', code, message, camera, inspectorId, bootId, active: true, ts };
  }
}

function keyOf(code: string, camera: string | null): string {
  return `${code} ${camera ?? ''}`;
}
