import { auroc, averagePrecision, maxF1, overkillAtRecall, type ScoredSample } from '#model/metrics-ranking';

/** Figures a sweep can rank by. */
export const FIGURES = ['auroc', 'averagePrecision', 'maxF1', 'overkillAt95'] as const;
export type Figure = (typeof FIGURES)[number];

interface FigureKind {
  readonly title: string;
  readonly isBetterHigh: boolean;
  /** @throws InputError ONE_CLASS */
  readonly of: (samples: readonly ScoredSample[]) => number;
}

export const FIGURE_KINDS: Readonly<Record<Figure, FigureKind>> = {
  auroc: { title: 'AUROC', isBetterHigh: true, of: auroc },
  averagePrecision: { title: 'average precision', isBetterHigh: true, of: averagePrecision },
  maxF1: { title: 'max F1', isBetterHigh: true, of: maxF1 },
  overkillAt95: {
    title: 'overkill at 95 % recall',
    isBetterHigh: false,
    of: (samples) => overkillAtRecall(samples, 0.95),
  },
};
