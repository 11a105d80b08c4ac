import type { Figures } from '#contracts';
import type { OperatingPoint } from './card.js';
import { groupOf } from './dataset/sample.js';
import { verdictOfScored } from './decide.js';
import { countAtPoint, evaluateScores } from './metrics.js';
import { aurocInterval } from './metrics-interval.js';
import { cutsOf } from './metrics-ranking.js';
import { reliabilityOf } from './metrics-reliability.js';
import { type Judged, sliceScores } from './metrics-slices.js';

/** Bars of a score histogram. */
const BARS = 40;
/** A curve keeps at most so many points: a page shows no more. */
const CURVE_POINTS = 400;

/** Everything that can be said of one side of labelled pictures and one model; of one kind alone counts and limits. */
export function describeScores(judged: readonly Judged[], point: OperatingPoint): Figures {
  const positives = judged.filter(({ isDefect }) => isDefect).length;
  const isMixed = positives > 0 && positives < judged.length;
  return {
    n: judged.length,
    positives,
    atThreshold: countAtPoint(judged, point),
    groups: new Set(judged.map(({ sample }) => groupOf(sample))).size,
    confusion: confusionOf(judged, point),
    slices: sliceScores(judged, point),
    reliability: reliabilityOf(judged),
    histogram: histogramOf(judged),
    ...(isMixed ? rankScores(judged, point) : UNRANKED),
  };
}

type OfBothKinds = Pick<
  Figures,
  'auroc' | 'averagePrecision' | 'maxF1' | 'overkillAtRecall' | 'aurocInterval' | 'f1AtThreshold' | 'curve'
>;

const UNRANKED: OfBothKinds = {
  auroc: null,
  averagePrecision: null,
  maxF1: null,
  overkillAtRecall: null,
  aurocInterval: null,
  f1AtThreshold: null,
  curve: [],
};

function rankScores(judged: readonly Judged[], point: OperatingPoint): OfBothKinds {
  const { atThreshold, ...figures } = evaluateScores(judged, point);
  const { tp, fp, fn } = atThreshold;
  return {
    ...figures,
    aurocInterval: aurocInterval(judged.map((one) => ({ ...one, group: groupOf(one.sample) }))),
    f1AtThreshold: tp === 0 ? 0 : (2 * tp) / (2 * tp + fp + fn),
    curve: curveOf(judged),
  };
}

function confusionOf(judged: readonly Judged[], point: OperatingPoint): Figures['confusion'] {
  const rows = new Map<string, Figures['confusion'][number]>();
  for (const one of judged) {
    const { label } = one.sample;
    const row = rows.get(label) ?? { label, PASS: 0, INCONCLUSIVE: 0, FAIL: 0, named: {} };
    const verdict = verdictOfScored(one, point);
    row[verdict] += 1;
    if (verdict !== 'PASS' && one.defectClass != null)
      row.named[one.defectClass] = (row.named[one.defectClass] ?? 0) + 1;
    rows.set(label, row);
  }
  return [...rows.values()];
}

function histogramOf(judged: readonly Judged[]): Figures['histogram'] {
  const good = new Array<number>(BARS).fill(0);
  const defect = new Array<number>(BARS).fill(0);
  for (const { score, isDefect } of judged) {
    const side = isDefect ? defect : good;
    const bar = Math.min(BARS - 1, Math.floor(score * BARS));
    side[bar] = (side[bar] ?? 0) + 1;
  }
  return { good, defect };
}

function curveOf(judged: readonly Judged[]): Figures['curve'] {
  const cuts = cutsOf(judged);
  const defects = judged.filter(({ isDefect }) => isDefect).length;
  const goods = judged.length - defects;
  const step = Math.max(1, Math.ceil(cuts.length / CURVE_POINTS));
  const kept = cuts.filter((_, i) => i % step === 0 || i === cuts.length - 1);
  return kept.map(({ score, tp, fp }) => ({
    score,
    recall: tp / defects,
    overkill: fp / goods,
    precision: tp / (tp + fp),
  }));
}
