import { cpus, loadavg } from 'node:os';
import { writePart } from '../written-part.js';
import type { Failures, FramePathFigures, Sustained } from './figures.js';

/** Name of the part of a page that a run writes. */
export const FIGURES = 'what lineside bench frame-path writes';

export interface ReportAbout {
  readonly startedAt: Date;
  /** Words of the command line. */
  readonly command: readonly string[];
  /** Null = stdout alone. */
  readonly file: string | null;
}

/** Print the figures beside their goals, and put them into a file. @throws InputError BENCH_REPORT */
export async function reportFigures(figures: FramePathFigures, about: ReportAbout): Promise<void> {
  const text = formatFigures(figures, about);
  process.stdout.write(`${text}\n`);
  if (about.file !== null) await writePart(about.file, FIGURES, text);
}

/** Markdown: how it was measured, each goal with its figure, then all figures. */
function formatFigures(figures: FramePathFigures, { startedAt, command }: Omit<ReportAbout, 'file'>): string {
  const [load = 0] = loadavg();
  const { words, workers } = figures;
  return [
    '```',
    `npx lineside ${command.map((word) => (word.startsWith('/') ? 'PATH' : word)).join(' ')}`,
    '```',
    '',
    `${startedAt.toISOString().slice(0, 16).replace('T', ' ')} UTC, ${cpus().length} cores of ${cpus()[0]?.model.trim()}, Node ${process.versions.node}, load ${load.toFixed(1)} at the end; ${Object.entries(
      words,
    )
      .filter(([name]) => name === 'broker' || name === 'Python')
      .map(([, said]) => said)
      .join('; ')}. ${workers} workers each, pictures of ${figures.frameKb.toFixed(0)} KB.`,
    '',
    table(['at the first number of cameras', 'figure', 'goal', ''], goalsOf(figures)),
    '',
    table(
      [
        'cameras',
        'road',
        'frames/s',
        'to bare loop',
        'ms of processor per frame',
        'to bare loop',
        'lost, late, not passed',
      ],
      figures.sustained.map((row) => {
        const bare = findRow(figures, row.cameras, 'bare loop');
        return [
          String(row.cameras),
          row.road,
          row.framesPerSecond.toFixed(1),
          ratio(row.framesPerSecond, bare?.framesPerSecond),
          row.cpuMsPerFrame.toFixed(2),
          ratio(row.cpuMsPerFrame, bare?.cpuMsPerFrame),
          failures(row),
        ];
      }),
    ),
    '',
    table(
      ['at half load', 'frames/s', 'p50, ms', 'p99, ms', 'lost, late, not passed'],
      figures.latencies.map((row) => [
        row.road,
        row.framesPerSecond.toFixed(1),
        row.p50Ms.toFixed(1),
        row.p99Ms.toFixed(1),
        failures(row),
      ]),
    ),
  ].join('\n');
}

function goalsOf(figures: FramePathFigures): string[][] {
  const { serviceMs, latencies, swap, starts, small, peakMemoryMb } = figures;
  const cameras = figures.sustained[0]?.cameras ?? 0;
  const [bare, fp32, auto, python] = ['bare loop', 'inspector, fp32', 'inspector, as certified', 'Python'].map((road) =>
    findRow(figures, cameras, road),
  );
  const p99 = (road: string) => latencies.find((row) => row.road === road)?.p99Ms;
  const chosen = Object.keys(auto?.models ?? {}).map((where) => where.split(' ').slice(1).join(' '));
  return [
    goal('frames/s, fp32, to the bare loop', over(fp32?.framesPerSecond, bare?.framesPerSecond), '>=', 0.9),
    goal(
      'processor time per frame, fp32, to the bare loop',
      over(fp32?.cpuMsPerFrame, bare?.cpuMsPerFrame),
      '<=',
      1.15,
    ),
    goal('frames/s, fp32, to Python', over(fp32?.framesPerSecond, python?.framesPerSecond), '>=', 1.1),
    goal(
      `frames/s, as certified (${chosen}), to Python`,
      over(auto?.framesPerSecond, python?.framesPerSecond),
      '>=',
      1.5,
    ),
    goal(
      `p99 at half load to the bare service time of ${serviceMs.toFixed(1)} ms`,
      over(p99('inspector, fp32'), serviceMs),
      '<=',
      3,
    ),
    goal("p99 at half load to Python's", over(p99('inspector, fp32'), p99('Python')), '<=', 1),
    goal(`cores of the main process at ${small.framesPerSecond.toFixed(0)} small pictures/s`, small.cores, '<=', 0.5),
    goal('start to READY, s', starts.laterMs / 1_000, '<=', 3),
    goal('first start to READY, with the choice of a runtime, s', starts.firstMs / 1_000, '<=', 3),
    goal(`frames lost by swap and rollback, of ${swap.answered}`, swap.lost, '<=', 0),
    goal('frames late by swap and rollback', swap.late, '<=', 0),
    goal('peak resident memory of the main process, MB', peakMemoryMb, '<=', 250),
  ];
}

function goal(what: string, figure: number | undefined, sign: '<=' | '>=', limit: number): string[] {
  if (figure === undefined || Number.isNaN(figure)) return [what, '-', `${sign} ${limit}`, 'not measured'];
  const isMet = sign === '<=' ? figure <= limit : figure >= limit;
  return [what, figure.toFixed(Number.isInteger(figure) ? 0 : 2), `${sign} ${limit}`, isMet ? 'met' : '**missed**'];
}

function failures({ lost, late, notPassed }: Failures): string {
  const reasons = Object.entries(notPassed).map(([reason, count]) => `${count} ${reason}`);
  return [lost, late, reasons.length === 0 ? 0 : reasons.join(' ')].join(', ');
}

function findRow({ sustained }: FramePathFigures, cameras: number, road: string): Sustained | undefined {
  return sustained.find((row) => row.cameras === cameras && row.road === road);
}

function over(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function ratio(a: number, b: number | undefined): string {
  return b === undefined ? '-' : (a / b).toFixed(2);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
