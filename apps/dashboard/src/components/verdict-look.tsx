import { IconCircleCheckFilled, IconHelpHexagonFilled, IconXboxXFilled } from '@tabler/icons-react';
import type { Decision } from '#contracts';

const ICONS = { PASS: IconCircleCheckFilled, FAIL: IconXboxXFilled, INCONCLUSIVE: IconHelpHexagonFilled };

/** The sign of a verdict, by shape first: colour is never the only one. */
export function VerdictIcon({ verdict, size = '1em' }: { verdict: Decision; size?: string }) {
  const Icon = ICONS[verdict];
  return <Icon size={size} aria-hidden="true" />;
}

/** Name of the colour variable family: `--ls-{name}`, `--ls-{name}-band`, `--ls-{name}-ink`. */
export function toneOf(verdict: Decision): 'pass' | 'fail' | 'inconclusive' {
  return verdict === 'PASS' ? 'pass' : verdict === 'FAIL' ? 'fail' : 'inconclusive';
}
