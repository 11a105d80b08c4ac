import type { Verdict } from '#contracts';
import classes from './score-bar.module.css';

/** Where the score stands against threshold and grey zone: 0 is good, 1 is defective. */
export function ScoreBar({ verdict, isDimmed = false }: { verdict: Verdict | null; isDimmed?: boolean }) {
  const { score = null, threshold = null, greyZone = null } = verdict ?? {};
  const percent = (value: number): string => `${(value * 100).toFixed(2)}%`;
  const [low, high] = greyZone ?? [threshold ?? 1, threshold ?? 1];
  return (
    <div className={classes.row} data-dimmed={isDimmed}>
      <span className={classes.figure}>
        <span className={classes.word}>Score</span> <b>{score === null ? '–' : score.toFixed(2)}</b>
      </span>
      <div className={classes.bar} role="img" aria-label={describe(verdict)}>
        {threshold !== null && (
          <>
            <span className={classes.good} style={{ width: percent(low) }} />
            <span className={classes.grey} style={{ left: percent(low), width: percent(high - low) }} />
            <span className={classes.bad} style={{ left: percent(high) }} />
            <span className={classes.threshold} style={{ left: percent(threshold) }} />
          </>
        )}
        {score !== null && <span className={classes.score} style={{ left: percent(score) }} />}
      </div>
      <span className={classes.figure}>
        <span className={classes.word}>Limit</span> <b>{threshold === null ? '–' : threshold.toFixed(2)}</b>
      </span>
    </div>
  );
}

function describe(verdict: Verdict | null): string {
  if (verdict === null || verdict.score === null) return 'No score';
  const zone =
    verdict.greyZone === null ? '' : `, grey zone ${verdict.greyZone.map((edge) => edge.toFixed(2)).join(' to ')}`;
  return `Score ${verdict.score.toFixed(2)}, threshold ${verdict.threshold?.toFixed(2) ?? 'unknown'}${zone}`;
}
