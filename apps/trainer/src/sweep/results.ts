import { mean } from 'simple-statistics';
import type { Figure } from './figures.js';
import type { Estimate } from './rank.js';
import type { SweepOutcome } from './run-sweep.js';
import type { SweepFile } from './sweep-file.js';

/** One candidate in the ranked table. */
export interface Row {
  /** From 1; null where nothing was measured. */
  readonly place: number | null;
  readonly name: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** The effort of its last round; null where the sweep has no rounds, or nothing ran. */
  readonly effort: number | null;
  readonly estimate: Estimate | null;
  readonly bySeed: readonly number[];
  readonly behind: Estimate | null;
  /** This sweep cannot tell it from the first. */
  readonly isWithinNoise: boolean;
  readonly figures: Readonly<Record<Figure, number>> | null;
  /** Seeds with a result. */
  readonly seeds: number;
  readonly secondsPerTrial: number | null;
  /** Left after a round of halving. */
  readonly isOut: boolean;
  /** Why there is no figure, or not of every seed. */
  readonly problem: string | null;
}

/** The ranked table: the last round's order, below it those that left earlier, last what could not be measured. */
export function rowsOf({ candidates, rounds }: SweepOutcome, sweep: SweepFile): Row[] {
  const seen = new Set<number>();
  const measured = [...rounds].reverse().flatMap(({ effort, trials, ranked }, fromLast) =>
    ranked
      .filter(({ index }) => !seen.has(index))
      .map((one): Omit<Row, 'place'> => {
        seen.add(one.index);
        const own = trials.filter(({ candidate }) => candidate.index === one.index);
        const seconds = own.flatMap(({ result }) => (result === null ? [] : [result.seconds]));
        const { name = '', settings = {} } = candidates[one.index] ?? {};
        return {
          name,
          settings,
          effort,
          estimate: one.estimate,
          bySeed: one.bySeed,
          behind: fromLast === 0 ? one.behind : null,
          isWithinNoise: fromLast === 0 && one.isWithinNoise,
          figures: one.figures,
          seeds: one.seeds.length,
          secondsPerTrial: mean(seconds),
          isOut: fromLast > 0,
          problem: own.find(({ failure }) => failure !== null)?.failure ?? null,
        };
      }),
  );
  const rest = candidates.filter(({ index }) => !seen.has(index));
  const placed = measured.map((row, i): Row => ({ place: i + 1, ...row }));
  return [
    ...placed,
    ...rest.map(({ index, name, settings, skipped }) => unmeasured({ name, settings }, whyNot(index, skipped))),
  ];

  function whyNot(index: number, skipped: string | null): string {
    const failures = rounds.flatMap(({ trials }) => trials.filter(({ candidate }) => candidate.index === index));
    return (
      skipped ??
      failures.find(({ failure }) => failure !== null)?.failure ??
      `not tried with all of seeds ${sweep.seeds.join(', ')}`
    );
  }
}

function unmeasured({ name, settings }: Pick<Row, 'name' | 'settings'>, problem: string): Row {
  const nothing = { place: null, effort: null, estimate: null, bySeed: [], behind: null, isWithinNoise: false };
  return { ...nothing, name, settings, figures: null, seeds: 0, secondsPerTrial: null, isOut: false, problem };
}

/** What a row amounts to, in a word or two. */
export function describeStanding(row: Pick<Row, 'place' | 'behind' | 'isWithinNoise' | 'isOut' | 'problem'>): string {
  if (row.place === null) return row.problem ?? 'nothing measured';
  if (row.place === 1) return 'first';
  if (row.isOut) return 'left earlier';
  if (row.behind?.limits === null) return 'too few groups to tell from the first';
  return row.isWithinNoise ? 'within noise of the first' : 'worse than the first';
}
