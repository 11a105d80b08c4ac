import { InputError, RefusedError } from '#contracts';
import { listSome } from './list-some.js';
import type { Sample, TwinPair } from './sample.js';
import type { Split } from './split.js';

/** One picture that is on two sides. */
export interface Leak {
  readonly first: Sample;
  readonly second: Sample;
  /** In words: `byte for byte`, or how one lies in the other. */
  readonly how: string;
}

/**
 * Pictures that are on two sides of a split, byte for byte or as twins (re-encoded, resized, mirrored, turned). Sides made
 * by `splitDataset` never leak; a split that is given may.
 * @param split verified
 * @param twins of the same samples
 */
export function findLeaks(split: Split, twins: readonly TwinPair[]): Leak[] {
  const samples = [...split.train, ...split.val, ...split.test];
  const pairs: Leak[] = equalPairs(samples).map(([first, second]) => ({ first, second, how: 'byte for byte' }));
  const byPath = new Map(samples.map((sample) => [sample.path, sample]));
  for (const twin of twins) {
    const [first, second] = [byPath.get(twin.first), byPath.get(twin.second)];
    if (first !== undefined && second !== undefined) pairs.push({ first, second, how: twin.orientation });
  }
  return pairs.filter(({ first, second }) => first.split !== second.split);
}

/**
 * The leak guard: what is learned on one side must not be tested on another.
 * @throws RefusedError LEAK naming the pairs
 */
export function refuseLeaks(leaks: readonly Leak[]): void {
  if (leaks.length === 0) return;
  throw new RefusedError(
    'LEAK',
    `${leaks.length} pairs of pictures in the split are one picture on two sides: ${listSome(leaks.map(describeLeak))}. Every figure would flatter. Move each pair to one side, leave the split to the training, or say that you mean it: --set leaks=allow.`,
  );
}

/** A pair in words. */
export function describeLeak({ first, second, how }: Leak): string {
  return `${first.path} (${first.split}) = ${second.path} (${second.split}), ${how}`;
}

/**
 * One content cannot be good and defective at once.
 * @param samples verified
 * @throws InputError LABEL_CONFLICT naming the pictures
 */
export function refuseConflicts(samples: readonly Sample[]): void {
  const conflicts = equalPairs(samples).filter(([first, second]) => first.label !== second.label);
  if (conflicts.length === 0) return;
  const pairs = conflicts.map(([a, b]) => `${a.path} (${a.label}) = ${b.path} (${b.label})`);
  throw new InputError(
    'LABEL_CONFLICT',
    `${pairs.length} pictures have one content and two labels: ${listSome(pairs)}. Decide what each one is and remove its twin.`,
  );
}

/** Each picture with the first one of the same bytes. */
export function equalPairs(samples: readonly Sample[]): [first: Sample, second: Sample][] {
  const firsts = new Map<string, Sample>();
  const pairs: [Sample, Sample][] = [];
  for (const sample of samples) {
    if (sample.sha256 === undefined) continue;
    const first = firsts.get(sample.sha256);
    if (first === undefined) firsts.set(sample.sha256, sample);
    else pairs.push([first, sample]);
  }
  return pairs;
}
