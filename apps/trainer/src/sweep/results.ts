import { mean } from 'simple-statistics';
import type { Figure } from './figures.js';
import type { Estimate } from './rank.js';
import type { Round, SweepOutcome } from './run-sweep.js';
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
  /** The effort at which it failed with every seed, so that its figures are those of less; null where it did not. */
  readonly failedAt: number | null;
  /** Why there is no figure, or not of every seed, or none of a later round. */
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
        const later = fromLast === 0 ? null : failureOf(rounds.at(-fromLast), one.index);
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
          isOut: fromLast > 0 && later === null,
          failedAt: later === null ? null : (rounds.at(-fromLast)?.effort ?? null),
          problem: later ?? failureOf({ trials }, one.index),
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
    const failures = rounds.map((round) => failureOf(round, index));
    return (
      skipped ?? failures.find((failure) => failure !== null) ?? `not tried with all of seeds ${sweep.seeds.join(', ')}`
    );
  }
}

/** Why a round has no figure of a candidate, or not of every seed; null where it has, or did not try it. */
function failureOf(round: Pick<Round, 'trials'> | undefined, index: number): string | null {
  const own = round?.trials.filter(({ candidate }) => candidate.index === index) ?? [];
  return own.find(({ failure }) => failure !== null)?.failure ?? null;
}

function unmeasured({ name, settings }: Pick<Row, 'name' | 'settings'>, problem: string): Row {
  const nothing = { place: null, effort: null, estimate: null, bySeed: [], behind: null, isWithinNoise: false };
  const none = { figures: null, seeds: 0, secondsPerTrial: null, isOut: false, failedAt: null };
  return { ...nothing, ...none, name, settings, problem };
}

/** What a row amounts to, in a word or two, and why it rests on less than the sweep asked for. */
export function describeStanding(row: Standing): string {
  if (row.place === null) return row.problem ?? 'nothing measured';
  if (row.failedAt !== null) return `failed at ${row.failedAt}, ${row.problem}`;
  const standing = standingOf(row);
  if (row.problem === null) return standing;
  return `${standing}, by ${row.seeds === 1 ? 'one seed' : `${row.seeds} seeds`} alone: ${row.problem}`;
}

type Standing = Pick<Row, 'place' | 'behind' | 'isWithinNoise' | 'isOut' | 'failedAt' | 'problem' | 'seeds'>;

function standingOf({ place, behind, isWithinNoise, isOut }: Standing): string {
  if (isOut) return 'left earlier';
  if (place === 1) return 'first';
  if (behind?.limits === null || behind === null) return 'too few groups to tell from the first';
  return isWithinNoise ? 'within noise of the first' : 'worse than the first';
}
