/** Columns that say when a picture was taken; the first that is filled counts. */
export const TIME_COLUMNS = ['day', 'capturedAt', 'capturedTs', 'timestamp', 'ts', 'time', 'date'];

/**
 * The day a picture was taken. Text keeps the day it names, whatever its time zone: the plant's own calendar. Numbers are
 * seconds or milliseconds since 1970 and give the day in UTC.
 * @param record a row of the CSV
 * @returns `YYYY-MM-DD`, or what a column `day` says; null where no column tells it
 */
export function dayOf(record: Readonly<Record<string, string>>): string | null {
  for (const column of TIME_COLUMNS) {
    const text = record[column] ?? '';
    if (text === '') continue;
    if (column === 'day') return text;
    const named = /^(\d{4})[-/.](\d{2})[-/.](\d{2})/.exec(text);
    if (named !== null) return named.slice(1).join('-');
    if (/^\d{10}(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000).toISOString().slice(0, 10);
    if (/^\d{13}$/.test(text)) return new Date(Number(text)).toISOString().slice(0, 10);
  }
  return null;
}
