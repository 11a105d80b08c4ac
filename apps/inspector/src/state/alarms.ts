import { type Alert, InputError } from '#contracts';

export interface AlarmOptions {
  readonly inspectorId: string;
  readonly bootId: string;
  /** Who answers for alarms of this code; null = nobody is named. */
  readonly ownerOf: (code: string) => string | null;
  /** Told when an alarm begins, says something new, is acknowledged or ends; also when one that is over is acknowledged. */
  readonly onAlert: (alert: Alert) => void;
}

interface Raised {
  readonly alert: Alert;
  /** Another cause is another trouble: nobody has seen that one yet. */
  readonly cause: string;
}

/**
 * Alarms that are on. One is told when it begins and when it ends, not while it lasts. One that ended before anybody saw
 * it can still be acknowledged, until it begins anew. At most one a code and camera.
 */
export class Alarms {
  private readonly known = new Map<string, Raised>();

  constructor(private readonly options: AlarmOptions) {}

  /** @param cause tells apart what one code stands for; the message may change while the cause stays, and with it who has seen it */
  raise(code: string, message: string, camera: string | null = null, cause = code): void {
    const key = keyOf({ code, camera });
    const last = this.known.get(key);
    const before = last?.alert.active ? last : undefined;
    if (before?.alert.message === message) return;
    const made = this.makeAlert({ code, message, camera });
    const acknowledged = (before?.cause === cause && before.alert.acknowledged) || null;
    const alert = { ...made, ts: before?.alert.ts ?? made.ts, acknowledged };
    this.known.set(key, { alert, cause });
    this.options.onAlert(alert);
  }

  clear(code: string, camera: string | null = null): void {
    const key = keyOf({ code, camera });
    const raised = this.known.get(key);
    if (raised === undefined || !raised.alert.active) return;
    const alert = { ...raised.alert, active: false, ts: new Date().toISOString() };
    if (alert.acknowledged) this.known.delete(key);
    else this.known.set(key, { ...raised, alert });
    this.options.onAlert(alert);
  }

  /**
   * A person has seen it and takes care; it stays on until its cause is gone, and is forgotten where that was before. The
   * camera's own alarm, else the whole inspector's; of a `camera` null the latter alone. @throws InputError ALARM_NOT_ON
   */
  acknowledge({ code, camera, by }: { code: string; camera: string | null; by: string }): string {
    for (const key of [keyOf({ code, camera }), keyOf({ code, camera: null })]) {
      const raised = this.known.get(key);
      if (raised === undefined) continue;
      const alert = { ...raised.alert, acknowledged: { by, ts: new Date().toISOString() } };
      if (alert.active) this.known.set(key, { ...raised, alert });
      else this.known.delete(key);
      this.options.onAlert(alert);
      return `Alarm ${code} is acknowledged by ${by}: ${alert.message}`;
    }
    const codes = this.active
      .filter((alert) => alert.camera === null || alert.camera === camera)
      .map((alert) => alert.code);
    throw new InputError(
      'ALARM_NOT_ON',
      `Alarm ${code} is not on at ${camera ?? 'this inspector'}; on are: ${codes.join(', ') || 'none'}.`,
    );
  }

  /** Those that are on, for whoever could not hear them begin. */
  get active(): Alert[] {
    return [...this.known.values()].map(({ alert }) => alert).filter(({ active }) => active);
  }

  private makeAlert({ code, message, camera }: Pick<Alert, 'code' | 'message' | 'camera'>): Alert {
    const { inspectorId, bootId, ownerOf } = this.options;
    const ts = new Date().toISOString();
    const owner = ownerOf(code);
    return {
      schema: 'vision.alert/1',
      code,
      message,
      camera,
      inspectorId,
      bootId,
      active: true,
      owner,
      acknowledged: null,
      ts,
    };
  }
}

/** An alarm's own name: of one code there is one per camera. */
export function keyOf({ code, camera }: Pick<Alert, 'code' | 'camera'>): string {
  return `${code} ${camera ?? ''}`;
}
