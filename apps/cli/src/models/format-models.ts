import { acceptedPrecisions, type ModelCard } from '#model/card';
import type { Activation } from '#registry';
import { formatMissed, formatOverkill } from '../format-mistakes.js';
import { formatTable } from '../print-table.js';

/** Models as a person chooses between them: accepted precisions, figures on held-out pictures, how much its training doubted, and which recipes each one inspects now. */
export function formatModels(cards: readonly ModelCard[], active: readonly Activation[]): string {
  if (cards.length === 0) return 'No models yet. lineside train makes one.\n';
  const rows = cards.map(({ id, createdTs, labels, precisions, doubts, metrics: { test } }) => {
    const at = test?.atThreshold;
    const recipes = active.filter(({ modelId }) => modelId === id).map(({ recipe, by }) => `${recipe} (by ${by})`);
    return [
      id,
      createdTs.slice(0, 16).replace('T', ' '),
      labels.join(' '),
      acceptedPrecisions({ precisions })
        .map(({ precision }) => precision)
        .join(','),
      test?.auroc.toFixed(4) ?? '-',
      formatMissed(at),
      formatOverkill(at),
      doubts === null ? 'not kept' : String(doubts.length),
      recipes.join(', ') || '-',
    ];
  });
  const head = [
    'ID',
    'CREATED (UTC)',
    'LABELS',
    'PRECISIONS',
    'TEST AUROC',
    'MISSED',
    'OVERKILL',
    'DOUBTS',
    'ACTIVE FOR',
  ];
  return `${formatTable(head, rows)}\n`;
}
