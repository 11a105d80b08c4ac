import type { Alert } from '#contracts';

/** One alarm as people see it: the same trouble at several cameras is one. */
export interface AlertGroup extends Pick<Alert, 'code' | 'message' | 'owner' | 'acknowledged'> {
  /** What its alarms have in common; no other group has it. */
  readonly key: string;
  /** By name; null stands for the whole inspector. */
  readonly cameras: readonly Alert['camera'][];
  /** Those of them where it is over. */
  readonly ended: readonly Alert['camera'][];
  /** Since when it is on, at the first camera; where it is over everywhere, since when it is. */
  readonly ts: string;
}

/**
 * Those nobody has seen first, and of them the newest first. Alarms that say the same and were seen by the same person,
 * or by nobody, are one, in the place of the first of them: no row moves because a camera joins, or because an alarm ends
 * or begins anew.
 */
export function groupAlerts(alerts: readonly Alert[]): readonly AlertGroup[] {
  const groups = new Map<string, Members>();
  for (const alert of alerts) {
    const key = JSON.stringify([alert.code, alert.message, alert.owner, alert.acknowledged?.by]);
    const members = groups.get(key);
    if (members === undefined) groups.set(key, [alert]);
    else members.push(alert);
  }
  const newestFirst = [...groups].map(([key, members]) => makeGroup(key, members)).reverse();
  return [...newestFirst.filter((group) => !group.acknowledged), ...newestFirst.filter((group) => group.acknowledged)];
}

/** It is over at all its cameras, and nobody has seen it. */
export function isOver({ cameras, ended }: AlertGroup): boolean {
  return ended.length === cameras.length;
}

type Members = [Alert, ...Alert[]];

function makeGroup(key: string, members: Members): AlertGroup {
  const sorted = [...members].sort((a, b) => compare(a.camera ?? '', b.camera ?? ''));
  const on = sorted.filter(({ active }) => active);
  const over = sorted.filter(({ active }) => !active);
  const { code, message, owner, acknowledged, ts } = members[0];
  return {
    ...{ key, code, message, owner, acknowledged },
    cameras: sorted.map(({ camera }) => camera),
    ended: over.map(({ camera }) => camera),
    ts: (on.length > 0 ? timesOf(on).at(0) : timesOf(over).at(-1)) ?? ts,
  };
}

/** Oldest first. */
function timesOf(alerts: readonly Alert[]): string[] {
  return alerts.map(({ ts }) => ts).sort();
}

/** `cam2` before `cam10`. */
const { compare } = new Intl.Collator('en', { numeric: true });
