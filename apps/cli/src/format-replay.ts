import type { ReplayReport } from '#contracts';
import { formatTable } from './print-table.js';

/** A replay's report for a person. */
export function formatReplay(report: ReplayReport): string {
  const { verdicts, truth, latencyMs } = report;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const rows = [
    ['verdicts', `${verdicts.PASS} PASS, ${verdicts.FAIL} FAIL, ${verdicts.INCONCLUSIVE} INCONCLUSIVE`],
    ...(verdicts.INCONCLUSIVE > 0 ? [['INCONCLUSIVE', listReasons(report)]] : []),
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
  const sent = `${report.sent} pictures sent${report.notSent > 0 ? `, ${report.notSent} not` : ''}`;
  return `${formatTable(['replay', sent], rows)}\n`;
}

function listReasons({ inconclusive }: ReplayReport): string {
  const reasons = Object.entries(inconclusive).sort(([, a], [, b]) => b - a);
  return reasons.map(([reason, count]) => `${count} ${reason}`).join(', ');
}
