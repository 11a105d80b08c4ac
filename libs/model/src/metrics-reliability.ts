import type { Reliability } from '#contracts';
import type { ScoredSample } from './metrics-ranking.js';
import { shareOf } from './metrics-share.js';

/** Bins of equal width over the score, as in Guo et al. (ICML 2017), whose ECE uses 15; ten read better on a page. */
const BINS = 10;

/**
 * How far a defect score can be read as a probability: per bin of scores the mean score beside the share of defects,
 * and their mean distance weighted by pictures (expected calibration error). Bins without pictures are left out.
 */
export function reliabilityOf(samples: readonly ScoredSample[]): Reliability {
  const bins = Array.from({ length: BINS }, () => ({ n: 0, defects: 0, scores: 0 }));
  for (const { score, isDefect } of samples) {
    const bin = bins[Math.min(BINS - 1, Math.floor(score * BINS))];
    if (bin === undefined) continue;
    bin.n += 1;
    bin.scores += score;
    if (isDefect) bin.defects += 1;
  }
  const filled = bins.flatMap(({ n, defects, scores }, i) =>
    n === 0 ? [] : [{ from: i / BINS, to: (i + 1) / BINS, n, meanScore: scores / n, defectShare: shareOf(defects, n) }],
  );
  const error = filled.reduce(
    (sum, { n, meanScore, defectShare }) => sum + (n / samples.length) * Math.abs(meanScore - (defectShare.value ?? 0)),
    0,
  );
  return { bins: filled, expectedCalibrationError: error };
}
