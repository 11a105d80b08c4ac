import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { shuffle } from '#model/shuffle';
import { split } from './crew.js';
import { drawMix, type MapSize, type Mix, type MixRule, mixOf } from './mix.js';
import type { Share } from './orders.js';

/** One view of a training tile. */
export interface View {
  /** Of its cached features. */
  readonly record: number;
  /** Index into the labels; 0 is good. */
  readonly label: number;
}

/** What makes batches of views. */
export interface BatchRules {
  readonly batch: number;
  readonly labels: number;
  readonly labelSmoothing: number;
  readonly classWeights: 'balanced' | 'none';
  readonly sampling: 'natural' | 'balanced';
  readonly mixing: MixRule;
  /** Side lengths at the cut; null for embeddings. */
  readonly map: MapSize | null;
  readonly dropout: number;
  /** Activations that dropout works on, per picture. */
  readonly penultimate: number;
  readonly workers: number;
}

/** The batches of one epoch, each cut into a share per worker. The same generator state gives the same batches. */
export function* makeBatches(views: readonly View[], rules: BatchRules, random: RandomGenerator): Generator<Share[]> {
  const importance = importanceOf(views, rules);
  const ordered = rules.sampling === 'balanced' ? drawBalanced(views, rules, random) : shuffle(views, random);
  for (let from = 0; from < ordered.length; from += rules.batch) {
    yield sharesOf(ordered.slice(from, from + rules.batch), { rules, importance, random });
  }
}

/** All items but the first `count`, which are drawn all the same. */
export function* skip<T>(items: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const item of items) {
    if (left <= 0) yield item;
    left -= 1;
  }
}

/** Each item with the one after it; after the last comes null. */
export function* withNext<T>(items: Iterable<T>): Generator<[item: T, next: T | null]> {
  let last: T | null = null;
  for (const item of items) {
    if (last !== null) yield [last, item];
    last = item;
  }
  if (last !== null) yield [last, null];
}

function sharesOf(
  views: readonly View[],
  { rules, importance, random }: { rules: BatchRules; importance: readonly number[]; random: RandomGenerator },
): Share[] {
  // Of the whole batch: who is mixed with whom does not hang on how many workers share it.
  const mix = drawMix(views.length, { rule: rules.mixing, map: rules.map, random });
  const shares = split([...views.keys()], rules.workers).map((part): Share => {
    const wanted = part.map((i) => wantedOf(views, i, { mix, rules, importance }));
    const own = mix === null ? null : mixOf(mix, part);
    return {
      records: [...part, ...(own?.others ?? [])].flatMap((i) => views[i]?.record ?? []),
      weights: Float32Array.from(wanted, ({ weight }) => weight),
      targets: Float32Array.from(wanted.flatMap(({ targets }) => targets)),
      mask: dropoutMask(part.length * rules.penultimate, rules.dropout, random),
      mix: own?.mix ?? null,
    };
  });
  const total = shares.reduce((sum, { weights }) => weights.reduce((all, weight) => all + weight, sum), 0);
  return shares.map((share) => ({ ...share, weights: share.weights.map((weight) => weight / total) }));
}

/** Loss weight and wanted probabilities of one picture; of a mixed one, of both pictures by their shares. */
function wantedOf(
  views: readonly View[],
  i: number,
  { mix, rules, importance }: { mix: Mix | null; rules: BatchRules; importance: readonly number[] },
): { weight: number; targets: number[] } {
  const { labels, labelSmoothing } = rules;
  const label = views[i]?.label ?? 0;
  const other = views[mix?.partners[i] ?? i]?.label ?? label;
  if (mix === null || other === label) {
    return { weight: importance[label] ?? 0, targets: smoothed(label, labels, labelSmoothing) };
  }
  const own = mix.own[i] ?? 1;
  const [mine, theirs] = [own * (importance[label] ?? 0), (1 - own) * (importance[other] ?? 0)];
  const [a, b] = [smoothed(label, labels, labelSmoothing), smoothed(other, labels, labelSmoothing)];
  const weight = mine + theirs;
  return { weight, targets: a.map((value, k) => (mine * value + theirs * (b[k] ?? 0)) / weight) };
}

/** Szegedy et al. 2016, section 7. */
function smoothed(label: number, labels: number, smoothing: number): number[] {
  return Array.from({ length: labels }, (_, i) => (i === label ? 1 - smoothing : 0) + smoothing / labels);
}

/** Inverted dropout (Srivastava et al. 2014): what stays is scaled up, so prediction needs no correction. */
function dropoutMask(length: number, rate: number, random: RandomGenerator): Float32Array {
  const mask = new Float32Array(length);
  if (rate === 0) return mask.fill(1);
  const kept = 1 / (1 - rate);
  // Tens of thousands of draws a step: a plain loop is ten times as fast as `from` with a function.
  for (let i = 0; i < length; i++) mask[i] = uniformFloat64(random) < rate ? 0 : kept;
  return mask;
}

/** Share of a label where good counts as much as all defects, and these alike. */
function balancedShare(label: number, labels: number): number {
  return label === 0 ? 1 / 2 : 1 / (2 * (labels - 1));
}

/** Weight of a picture in the loss by its label. Balanced batches leave class weights nothing to do. */
function importanceOf(views: readonly View[], { labels, classWeights, sampling }: BatchRules): number[] {
  const counts = countLabels(views, labels);
  return counts.map((count, label) => {
    if (classWeights === 'none' || sampling === 'balanced') return 1;
    return (views.length * balancedShare(label, labels)) / Math.max(1, count);
  });
}

/**
 * As many views as there are, each label in its balanced share at every point of the epoch. The views of a label come
 * in shuffled order, and in a new one once all were there.
 */
function drawBalanced(views: readonly View[], { labels }: BatchRules, random: RandomGenerator): View[] {
  const counts = countLabels(views, labels);
  const present = counts.flatMap((count, label) => (count > 0 ? [label] : []));
  const drawn = counts.map(() => 0);
  const decks = counts.map((): View[] => []);
  return Array.from({ length: views.length }, () => {
    const [label = 0] = present.toSorted((a, b) => behind(a) - behind(b));
    drawn[label] = (drawn[label] ?? 0) + 1;
    if (decks[label]?.length === 0) {
      decks[label] = shuffle(
        views.filter((view) => view.label === label),
        random,
      );
    }
    return decks[label]?.pop() as View;
  });
  /** What the label has had, as a multiple of its share: the lowest is next. */
  function behind(label: number): number {
    return (drawn[label] ?? 0) / balancedShare(label, labels);
  }
}

function countLabels(views: readonly View[], labels: number): number[] {
  const counts = Array.from({ length: labels }, () => 0);
  for (const { label } of views) counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}
