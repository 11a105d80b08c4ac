/** Far enough to see a change of the clocks that makes a time come twice. */
const BEYOND_MS = 3 * 60 * 60 * 1_000;

/**
 * The moment when a clock of this computer's zone shows `local`, as a browser's field gives it; null of an empty one. In the
 * hour that comes twice when clocks go back the first time as a `from`, the second as an `until`: a span then has all that
 * was shown under these times.
 * @returns RFC 3339 in UTC
 */
export function momentOf(local: string, end: 'from' | 'until'): string | null {
  if (local === '') return null;
  const first = new Date(local);
  const beyond = new Date(first.getTime() + BEYOND_MS);
  const backMinutes = beyond.getTimezoneOffset() - first.getTimezoneOffset();
  const second = new Date(first.getTime() + backMinutes * 60_000);
  return (end === 'until' && isSameClock(first, second) ? second : first).toISOString();
}

function isSameClock(a: Date, b: Date): boolean {
  return a.getHours() === b.getHours() && a.getMinutes() === b.getMinutes();
}
