import type { Decision } from '#contracts';
import type { Counted } from './figures.js';

/** What is counted and listed. */
interface UnitWords {
  /** The count of all. */
  readonly inspected: string;
  /** After a number: of all, and of those counted at their first inspection. */
  readonly ofAll: string;
  readonly ofFirst: string;
  /** The list of the last of them, and of the last that are not passed. */
  readonly last: string;
  readonly lastRejects: string;
  /** Of known-bad parts. */
  readonly challenges: string;
}

/** What becomes of parts, in the page's words. The verdict itself is the model's own word and reads the same everywhere. */
export interface OutcomeWords extends UnitWords {
  readonly yield: string;
  /** What a yield is a share of, as in `passed first time / parts`. */
  readonly yieldOf: string;
  readonly rejectRate: string;
  readonly rejectRateOf: string;
  /** Choice of parts that are not passed. */
  readonly rejects: string;
  /** Below the count of a verdict. */
  readonly counted: Readonly<Record<Decision, string>>;
  /** Of a passed part on its tile, which has no reason to show. */
  readonly pass: string;
  /** Beside a camera's verdict; null where a gate acts on it and there is nothing to add. */
  readonly besideVerdict: Readonly<Record<Decision, string>> | null;
}

const UNITS: Record<Counted, UnitWords> = {
  frames: {
    inspected: 'Inspected',
    ofAll: 'inspected',
    ofFirst: 'parts',
    last: 'Last parts',
    lastRejects: 'Last rejects',
    challenges: 'challenge parts',
  },
  parts: {
    inspected: 'Parts inspected',
    ofAll: 'parts',
    ofFirst: 'parts',
    last: 'Last parts',
    lastRejects: 'Last rejected parts',
    challenges: 'views of challenge parts',
  },
  views: {
    inspected: 'Views inspected',
    ofAll: 'views',
    ofFirst: 'views',
    last: 'Last views',
    lastRejects: 'Last rejected views',
    challenges: 'views of challenge parts',
  },
};

/** Of several: the part may be rejected for another. */
const OF_VIEW = { PASS: 'this view', FAIL: 'this view', INCONCLUSIVE: 'this view' };

const WOULD = { PASS: 'would pass', FAIL: 'would reject', INCONCLUSIVE: 'would reject' };

/** A shadow passes and rejects nothing: its page says what its model would do. */
export function outcomeWords({ shadow }: { readonly shadow: boolean }, counted: Counted): OutcomeWords {
  const units = UNITS[counted];
  if (shadow) {
    return {
      ...units,
      lastRejects: units.last,
      yield: 'Would-be yield',
      yieldOf: `would pass first time / ${units.ofFirst}`,
      rejectRate: 'Would-reject rate',
      rejectRateOf: `would reject / ${units.ofAll}`,
      rejects: 'Would reject',
      counted: WOULD,
      pass: WOULD.PASS,
      besideVerdict: counted === 'frames' ? WOULD : { ...WOULD, PASS: 'would pass this view' },
    };
  }
  return {
    ...units,
    yield: 'First-pass yield',
    yieldOf: `passed first time / ${units.ofFirst}`,
    rejectRate: 'Reject rate',
    rejectRateOf: `rejects / ${units.ofAll}`,
    rejects: 'Rejects',
    counted: { PASS: 'passed', FAIL: 'rejected: defect', INCONCLUSIVE: 'rejected: no decision' },
    pass: 'pass',
    besideVerdict: counted === 'frames' ? null : OF_VIEW,
  };
}
