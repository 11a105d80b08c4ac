import type { ReplayReport } from '#contracts';
import { formatTable } from './print-table.js';

/** A replay's report for a person. */
export function formatReplay(report: ReplayReport): string {
  const { verdicts, truth, latencyMs } = report;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const rows = [
    ['verdicts', `${verdicts.PASS} PASS, ${verdicts.FAIL} FAIL, ${verdicts.INCONCLUSIVE} INCONCLUSIVE`],
    ['lost', `${report.lost} without a record`],
    ['duplicates', String(report.duplicates)],
    ['defects', `${truth.tp} rejected, ${truth.fn} passed`],
    ['good parts', `${truth.tn} passed, ${truth.fp} rejected`],
    ['AUROC', report.auroc === null ? 'none: only one kind of part has scores' : report.auroc.toFixed(4)],
    [
      'latency',
      `p50 ${ms(latencyMs.p50)}, p95 ${ms(latencyMs.p95)}, p99 ${ms(latencyMs.p99)}, max ${ms(latencyMs.max)}`,
    ],
  ];
  return `${formatTable(['replay', `${report.sent} pictures sent`], rows)}\n`;
}
