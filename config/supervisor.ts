/** What systemd asks of a service that it watches (sd_notify(3), sd_watchdog_enabled(3)). */
export interface Supervisor {
  /** Without a sign of life for this long the service is started again, ms; null = it is not watched. */
  readonly watchdogMs: number | null;
}

/** Null where no supervisor listens. */
export function readSupervisor(
  env: Readonly<Record<string, string | undefined>> = process.env,
  pid = process.pid,
): Supervisor | null {
  if ((env['NOTIFY_SOCKET'] ?? '') === '') return null;
  const microseconds = Number(env['WATCHDOG_USEC'] ?? '');
  const isForUs = env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === pid;
  return { watchdogMs: isForUs && microseconds > 0 ? microseconds / 1_000 : null };
}
