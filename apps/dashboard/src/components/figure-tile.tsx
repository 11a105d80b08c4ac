import type { Decision } from '#contracts';
import classes from './figure-tile.module.css';
import { VerdictIcon } from './verdict-look.js';

export interface FigureTileProps {
  readonly label: string;
  readonly value: string;
  /** The denominator, or what is counted. */
  readonly note: string;
  readonly tone?: 'pass' | 'fail' | 'inconclusive';
}

const DECISIONS: Record<'pass' | 'fail' | 'inconclusive', Decision> = {
  pass: 'PASS',
  fail: 'FAIL',
  inconclusive: 'INCONCLUSIVE',
};

/** One number, large. */
export function FigureTile({ label, value, note, tone }: FigureTileProps) {
  return (
    <dl className={classes.tile}>
      <dt className={classes.label} data-tone={value === '0' ? undefined : tone}>
        {tone !== undefined && <VerdictIcon verdict={DECISIONS[tone]} />}
        {label}
      </dt>
      <dd className={classes.value}>{value}</dd>
      <dd className={classes.note}>{note}</dd>
    </dl>
  );
}
