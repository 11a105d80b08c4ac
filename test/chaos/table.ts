import { availableParallelism, cpus, totalmem } from 'node:os';
import type { Row } from './fault.js';

const HEAD = [
  'fault',
  'blows',
  'sent',
  'delivered',
  'PASS',
  'FAIL',
  'INCONCLUSIVE',
  'lost',
  'doubled',
  'false PASS',
  'missed',
  'shown after',
  'recovered after',
] as const;

/** The matrix as a table in Markdown. */
export function printTable(rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.fault,
    row.blows || '–',
    row.sent,
    row.delivered,
    row.pass,
    row.fail,
    row.inconclusive,
    row.lost,
    row.doubled,
    row.falsePass,
    row.missed,
    row.detect === null ? '–' : `${seconds(row.detect.ms)} (${row.detect.by})`,
    row.recoverMs === null ? '–' : seconds(row.recoverMs),
  ]);
  const notes = rows.flatMap(({ fault, note }) => (note === null ? [] : [`- ${fault}: ${note}.`]));
  const table = [HEAD, HEAD.map((_, i) => (i === 0 ? '---' : '---:')), ...lines].map(
    (cells) => `| ${cells.join(' | ')} |`,
  );
  return [...table, ...(notes.length > 0 ? ['', ...notes] : []), ''].join('\n');
}

/** What the figures were made on. */
export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gigabytes = Math.round(totalmem() / 1024 ** 3);
  return `${model}, ${availableParallelism()} cores, ${gigabytes} GB, Node ${process.version}, ${process.platform}`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(ms < 10_000 ? 2 : 0)} s`;
}
