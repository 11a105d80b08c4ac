import type { Evaluation } from '#contracts';
import type { ModelCard } from '#model/card';
import { formatMissed, formatOverkill } from './format-mistakes.js';
import { formatTable } from './print-table.js';

type Judged = Pick<ModelCard, 'operatingPoint' | 'metrics'>;

/**
 * What another wish does to a model, beside what its card says: threshold, grey zone, and what both sides show.
 * @param moved `card` of the model that was made; null where nothing was written
 */
export function formatThreshold(
  before: Judged & Pick<ModelCard, 'id'>,
  { choice, card }: { readonly choice: Judged; readonly card: Pick<ModelCard, 'id'> | null },
): string {
  const columns = [before, choice];
  const row = (name: string, tell: (of: (typeof columns)[number]) => string): string[] => [name, ...columns.map(tell)];
  const counts = (side: 'validation' | 'test'): string[][] => [
    row(`${side} missed`, ({ metrics }) => formatMissed(metrics[side]?.atThreshold)),
    row(`${side} overkill`, ({ metrics }) => formatOverkill(metrics[side]?.atThreshold)),
    ...(columns.some(({ metrics }) => unfamiliarOn(metrics[side]) > 0)
      ? [row(`${side} unfamiliar`, ({ metrics }) => String(unfamiliarOn(metrics[side])))]
      : []),
  ];
  const table = formatTable(
    [before.id, 'now', 'as wished'],
    [
      row('threshold', ({ operatingPoint }) => operatingPoint.threshold.toFixed(4)),
      row('grey zone', ({ operatingPoint: { greyZone } }) => greyZone.map((edge) => edge.toFixed(4)).join(' to ')),
      ...counts('validation'),
      ...counts('test'),
    ],
  );
  const made =
    card === null
      ? 'Nothing was written: --out DIR makes the model that has this operating point.'
      : `Made ${card.id}: the same weights at this operating point.`;
  return `${table}\n${made}\n`;
}

function unfamiliarOn(side: Evaluation | null): number {
  return side?.atThreshold.unfamiliar ?? 0;
}
