import type { Decision, LiveParts } from '#contracts';
import { type Counted, hasView } from './figures.js';

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
  readonly beside: (camera: string) => Readonly<Record<Decision, string>> | null;
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
  strays: {
    inspected: 'Frames inspected',
    ofAll: 'frames',
    ofFirst: 'frames',
    last: 'Last frames',
    lastRejects: 'Last rejected frames',
    challenges: 'challenge frames',
  },
};

/** Of several: the part may be rejected for another. */
const OF_VIEW = { PASS: 'this view', FAIL: 'this view', INCONCLUSIVE: 'this view' };
/** The gate acts on parts, and this camera has none of their views. */
const OF_NO_PART = { PASS: 'of no part', FAIL: 'of no part', INCONCLUSIVE: 'of no part' };

const WOULD = { PASS: 'would pass', FAIL: 'would reject', INCONCLUSIVE: 'would reject' };

/** Which inspector it is, and what its gate acts on. */
interface Acting {
  readonly shadow: boolean;
  /** Null where the gate acts on the cameras' own verdicts. */
  readonly parts: Pick<LiveParts, 'views'> | null;
}

/** A shadow passes and rejects nothing: its page says what its model would do. */
export function outcomeWords(acting: Acting, counted: Counted): OutcomeWords {
  const { shadow } = acting;
  const units = UNITS[counted];
  const beside: OutcomeWords['beside'] = (camera) => besideVerdict(acting, camera);
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
      beside,
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
    beside,
  };
}

function besideVerdict({ shadow, parts }: Acting, camera: string): Readonly<Record<Decision, string>> | null {
  if (parts === null) return shadow ? WOULD : null;
  if (!hasView(parts, camera)) return OF_NO_PART;
  return shadow ? { ...WOULD, PASS: 'would pass this view' } : OF_VIEW;
}
