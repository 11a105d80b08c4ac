import type { Alert } from '#contracts';

/** One alarm as people see it: the same trouble at several cameras is one. */
export interface AlertGroup extends Pick<Alert, 'code' | 'message' | 'owner' | 'acknowledged'> {
  /** What its alarms have in common; no other group has it. */
  readonly key: string;
  /** Where it is on; null stands for the whole inspector. */
  readonly cameras: readonly Alert['camera'][];
  /** Since when, at the first of them. */
  readonly ts: string;
}

/** Alarms that are on, newest first. Those that say the same and were seen by the same person, or by nobody, are one. */
export function groupAlerts(alerts: readonly Alert[]): readonly AlertGroup[] {
  const groups = new Map<string, AlertGroup>();
  for (const { code, message, owner, acknowledged, camera, ts } of alerts) {
    const key = JSON.stringify([code, message, owner, acknowledged?.by]);
    const before = groups.get(key);
    // Set anew, so that a group stands where its newest alarm does.
    groups.delete(key);
    groups.set(key, {
      ...{ key, code, message, owner, acknowledged },
      cameras: [...(before?.cameras ?? []), camera],
      ts: before?.ts ?? ts,
    });
  }
  return [...groups.values()].reverse();
}
