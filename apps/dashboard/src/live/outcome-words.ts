import type { Decision } from '#contracts';

/** What becomes of parts, in the page's words. The verdict itself is the model's own word and reads the same everywhere. */
export interface OutcomeWords {
  readonly yield: string;
  /** What a yield is a share of, as in `passed first time / parts`. */
  readonly yieldOf: string;
  readonly rejectRate: string;
  readonly rejectRateOf: string;
  /** Choice of parts that are not passed, and the list of the last of them. */
  readonly rejects: string;
  readonly lastRejects: string;
  /** Below the count of a verdict. */
  readonly counted: Readonly<Record<Decision, string>>;
  /** Of a passed part on its tile, which has no reason to show. */
  readonly pass: string;
  /** Beside a verdict; null where a gate hears the verdict and there is nothing to add. */
  readonly besideVerdict: Readonly<Record<Decision, string>> | null;
}

const OF_LINE: OutcomeWords = {
  yield: 'First-pass yield',
  yieldOf: 'passed first time / parts',
  rejectRate: 'Reject rate',
  rejectRateOf: 'rejects / inspected',
  rejects: 'Rejects',
  lastRejects: 'Last rejects',
  counted: { PASS: 'passed', FAIL: 'rejected: defect', INCONCLUSIVE: 'rejected: no decision' },
  pass: 'pass',
  besideVerdict: null,
};

const WOULD = { PASS: 'would pass', FAIL: 'would reject', INCONCLUSIVE: 'would reject' };

const OF_SHADOW: OutcomeWords = {
  yield: 'Would-be yield',
  yieldOf: 'would pass first time / parts',
  rejectRate: 'Would-reject rate',
  rejectRateOf: 'would reject / inspected',
  rejects: 'Would reject',
  lastRejects: 'Last parts',
  counted: WOULD,
  pass: WOULD.PASS,
  besideVerdict: WOULD,
};

/** A shadow passes and rejects nothing: its page says what its model would do. */
export function outcomeWords({ shadow }: { readonly shadow: boolean }): OutcomeWords {
  return shadow ? OF_SHADOW : OF_LINE;
}
