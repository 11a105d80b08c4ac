import { stringify } from 'csv-stringify/sync';
import type { Figures, Precision, Share } from '#contracts';
import type { ModelCard, OperatingPoint } from '#model/card';
import { counted } from '#model/counted';
import { type GuardedScore, judgeScored } from '#model/decide';
import { tellInconclusive } from '#model/inconclusive';
import { describeReached, reachedAt } from '#model/reached';
import { describeWish, wishOf } from '#model/wish';
import { formatMissed, formatOverkill } from './format-mistakes.js';
import { formatTable } from './print-table.js';

/** A picture's score and where it comes from. */
interface ScoredPicture extends GuardedScore {
  readonly sample: { readonly path: string; readonly label: string };
}

/**
 * Scores as CSV `path,label,score,verdict,reason`, so that every count of the evaluation can be made again from it; a score
 * is written so that it reads back as the same number.
 */
export function formatScores(scored: readonly ScoredPicture[], point: OperatingPoint): string {
  return stringify(
    scored.map((one) => {
      const { verdict, reason } = judgeScored(one, point);
      return [one.sample.path, one.sample.label, one.score, verdict, reason];
    }),
    { header: true, columns: ['path', 'label', 'score', 'verdict', 'reason'] },
  );
}

/**
 * The figures of an evaluation for a person: shares with their denominators and their two-sided 95 % limits, what these
 * pictures show of the wish behind the threshold, and what computed.
 */
export function formatEvaluation(options: {
  card: Pick<ModelCard, 'id' | 'operatingReason' | 'oneClass'>;
  subset: string;
  leftOut: number;
  evaluation: Figures;
  doubts: readonly string[];
  runtime: string;
  precision: Precision;
}): string {
  const { card, subset, leftOut, evaluation, doubts, runtime, precision } = options;
  const { n, positives, atThreshold: at } = evaluation;
  const [low, high] = at.greyZone;
  const rows: [string, string, string][] = [
    ...rankRows(evaluation),
    ['miss rate', limits(at.missRate), `${formatMissed(at)} defects passed`],
    ['overkill', limits(at.overkill), `${formatOverkill(at)} good parts rejected`],
    [
      'inconclusive',
      String(at.inconclusive),
      `of ${n}: ${tellInconclusive(evaluation.confusion)}; rejected, so no miss`,
    ],
    ...(at.unfamiliar === undefined
      ? []
      : [
          ['unfamiliar', String(at.unfamiliar), 'of these: unlike anything in training'] satisfies [
            string,
            string,
            string,
          ],
        ]),
  ];
  const head = [
    `${card.id} on ${subset}`,
    `${counted(n, 'picture')}${describeLeftOut(leftOut)}`,
    `${counted(positives, 'defect')}, ${n - positives} good`,
  ];
  const point = `threshold ${at.threshold.toFixed(4)}, grey zone ${low.toFixed(4)} to ${high.toFixed(4)}`;
  const slices = formatSlices(evaluation.slices);
  const lines = [
    formatTable(head, rows),
    point,
    ...formatWish(card, evaluation),
    ...doubts.map((doubt) => `doubt: ${doubt}`),
    ...slices,
  ];
  return `${lines.join('\n')}\ncomputed in ${precision} by ${runtime}\n`;
}

function formatWish(card: Pick<ModelCard, 'operatingReason' | 'oneClass'>, { atThreshold }: Figures): string[] {
  const asked = wishOf(card);
  if (asked === null) return [];
  const { wish } = asked;
  return [`wish: ${describeWish(asked)}`, `here: ${describeReached(reachedAt(atThreshold, wish), wish)}`];
}

/** What was not judged, after a number of pictures; nothing where nothing was left out. */
export function describeLeftOut(leftOut: number): string {
  return leftOut === 0 ? '' : `, ${leftOut} used in training left out`;
}

function rankRows(evaluation: Figures): [string, string, string][] {
  const { auroc, aurocInterval, averagePrecision, maxF1, f1AtThreshold, groups, n } = evaluation;
  if (auroc === null || aurocInterval === null) return [['AUROC', '-', 'pictures of one kind alone cannot be ranked']];
  const { low, high, method } = aurocInterval;
  const of = groups < n ? `, ${counted(groups, 'group')}` : '';
  return [
    ['AUROC', auroc.toFixed(4), `95 % limits ${low.toFixed(4)} to ${high.toFixed(4)} (${method}${of})`],
    ['average precision', averagePrecision?.toFixed(4) ?? '-', ''],
    ['max F1', maxF1?.toFixed(4) ?? '-', `${f1AtThreshold?.toFixed(4) ?? '-'} at the threshold`],
    ...sortedByRecall(evaluation).map(([recall, overkill]): [string, string, string] => [
      `overkill at recall ${recall}`,
      percent(overkill),
      'good parts rejected to find that share of the defects',
    ]),
  ];
}

/** A page shows hundreds of slices; a terminal those of a handful. */
const MOST_SLICES = 12;

/** Misses and overkills by class, group, lot and camera; where there are too many to read, how many have an error. */
function formatSlices(slices: Figures['slices']): string[] {
  const kinds = [...new Set(slices.map(({ by }) => by))].map((by) => slices.filter((slice) => slice.by === by));
  const rows = kinds
    .filter((own) => own.length <= MOST_SLICES)
    .flat()
    .map(({ by, name, missed, defects, missRate, overkill, goods, overkillRate }) => [
      `${by} ${name}`,
      defects === 0 ? '' : `${missed} of ${defects}: ${limits(missRate)}`,
      goods === 0 ? '' : `${overkill} of ${goods}: ${limits(overkillRate)}`,
    ]);
  const counts = kinds
    .filter((own) => own.length > MOST_SLICES)
    .map((own) => {
      const wrong = own.filter(({ missed, overkill }) => missed + overkill > 0).length;
      return `by ${own[0]?.by}: ${wrong} of ${own.length} with a miss or overkill; \`lineside report\` lists the worst`;
    });
  return [...(rows.length === 0 ? [] : [formatTable(['', 'missed', 'overkill'], rows)]), ...counts];
}

function limits({ value, low, high }: Share): string {
  return `${value === null ? 'none' : percent(value)} (${percent(low)} to ${percent(high)})`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)} %`;
}

/** JavaScript lists the key "1" first; a person reads upwards. */
function sortedByRecall({ overkillAtRecall }: Figures): [recall: string, overkill: number][] {
  return Object.entries(overkillAtRecall ?? {}).sort(([a], [b]) => Number(a) - Number(b));
}
