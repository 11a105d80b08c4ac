import { stringify } from 'csv-stringify/sync';
import type { Evaluation, Precision, Share } from '#contracts';
import { formatTable } from './print-table.js';

/** Scores as CSV `path,label,score`; a score is written so that it reads back as the same number. */
export function formatScores(scored: readonly { sample: { path: string; label: string }; score: number }[]): string {
  return stringify(
    scored.map(({ sample: { path, label }, score }) => [path, label, score]),
    { header: true, columns: ['path', 'label', 'score'] },
  );
}

/** The figures of an evaluation for a person: shares with their denominators and their 95 % limits, and what computed. */
export function formatEvaluation(options: {
  modelId: string;
  subset: string;
  evaluation: Evaluation;
  runtime: string;
  precision: Precision;
}): string {
  const { modelId, subset, evaluation, runtime, precision } = options;
  const { n, positives, atThreshold: at } = evaluation;
  const [low, high] = at.greyZone;
  const rows: [string, string, string][] = [
    ['AUROC', evaluation.auroc.toFixed(4), ''],
    ['average precision', evaluation.averagePrecision.toFixed(4), ''],
    ['max F1', evaluation.maxF1.toFixed(4), ''],
    ...sortedByRecall(evaluation).map(([recall, overkill]): [string, string, string] => [
      `overkill at recall ${recall}`,
      percent(overkill),
      'good parts rejected to find that share of the defects',
    ]),
    ['miss rate', limits(at.missRate), `${at.fn} of ${at.tp + at.fn} defects passed`],
    ['overkill', limits(at.overkill), `${at.fp} of ${at.fp + at.tn} good parts rejected`],
    ['inconclusive', String(at.inconclusive), `of ${n}; counted as rejects above`],
  ];
  const head = [`${modelId} on ${subset}`, `${n} pictures`, `${positives} defects, ${n - positives} good`];
  const point = `threshold ${at.threshold.toFixed(4)}, grey zone ${low.toFixed(4)} to ${high.toFixed(4)}`;
  return `${formatTable(head, rows)}\n${point}\ncomputed in ${precision} by ${runtime}\n`;
}

function limits({ value, low, high }: Share): string {
  return `${value === null ? 'none' : percent(value)} (${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** JavaScript lists the key "1" first; a person reads upwards. */
function sortedByRecall({ overkillAtRecall }: Evaluation): [recall: string, overkill: number][] {
  return Object.entries(overkillAtRecall).sort(([a], [b]) => Number(a) - Number(b));
}
