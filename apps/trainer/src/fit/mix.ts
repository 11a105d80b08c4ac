import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** Cells of a map, ends exclusive. */
interface Box {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
}

/** How pictures are mixed with one another, entry by entry. */
export interface Mix {
  /** The other picture, as an index into the batch, or into what a worker reads of it; itself where it stays as it is. */
  readonly partners: readonly number[];
  /** What is left of the picture itself, 0..1. */
  readonly own: readonly number[];
  /** Where the other picture shows; null = everywhere, thinly. */
  readonly boxes: readonly Box[] | null;
}

/** Side lengths of the map at the cut, cells. */
export interface MapSize {
  readonly height: number;
  readonly width: number;
}

export interface MixRule {
  readonly kind: 'none' | 'mixup' | 'cutmix';
  /** Both parameters of the Beta distribution that says how much of a picture stays. */
  readonly alpha: number;
  /** Share of the pictures that are mixed. */
  readonly probability: number;
}

/**
 * Draw how a batch is mixed: mixup (Zhang et al., arXiv:1710.09412) or CutMix (Yun et al., arXiv:1905.04899) on cached
 * features. An embedding has no places, so there CutMix mixes as mixup does.
 * @param map null for embeddings
 */
export function drawMix(count: number, { rule, map, random }: DrawOptions): Mix | null {
  if (rule.kind === 'none' || count < 2) return null;
  const partners: number[] = [];
  const own: number[] = [];
  const boxes: Box[] = [];
  for (let i = 0; i < count; i++) {
    const isMixed = uniformFloat64(random) < rule.probability;
    partners.push(isMixed ? (i + uniformInt(random, 1, count - 1)) % count : i);
    const share = isMixed ? drawBeta(rule.alpha, random) : 1;
    if (rule.kind === 'mixup' || map === null) {
      own.push(share);
      continue;
    }
    const box = drawBox(1 - share, map, random);
    boxes.push(box);
    own.push(1 - ((box.bottom - box.top) * (box.right - box.left)) / (map.height * map.width));
  }
  return { partners, own, boxes: boxes.length > 0 ? boxes : null };
}

interface DrawOptions {
  readonly rule: MixRule;
  readonly map: MapSize | null;
  readonly random: RandomGenerator;
}

/**
 * What a worker's part of a batch needs of its mix.
 * @param part indices into the batch
 * @returns the mix by the indices of what the worker reads, the part first and behind it `others`: partners that are another worker's
 */
export function mixOf({ partners, own, boxes }: Mix, part: readonly number[]): { mix: Mix; others: number[] } {
  const mates = part.map((i) => partners[i] ?? i);
  const others = [...new Set(mates.filter((mate) => !part.includes(mate)))];
  const read = new Map([...part, ...others].map((i, place) => [i, place]));
  const take = <T>(of: readonly T[]): T[] => part.flatMap((i) => of[i] ?? []);
  const places = mates.map((mate, place) => read.get(mate) ?? place);
  return { mix: { partners: places, own: take(own), boxes: boxes === null ? null : take(boxes) }, others };
}

/** A box of this share of the map, about a centre drawn anywhere; what sticks out is cut off. */
function drawBox(share: number, { height, width }: MapSize, random: RandomGenerator): Box {
  const side = Math.sqrt(share);
  const edges = (cells: number): [number, number] => {
    const centre = uniformFloat64(random) * cells;
    const half = (side * cells) / 2;
    return [Math.round(Math.max(0, centre - half)), Math.round(Math.min(cells, centre + half))];
  };
  const [[top, bottom], [left, right]] = [edges(height), edges(width)];
  return { top, bottom, left, right };
}

/** Beta(alpha, alpha) by Jöhnk 1964. */
function drawBeta(alpha: number, random: RandomGenerator): number {
  for (;;) {
    const x = uniformFloat64(random) ** (1 / alpha);
    const y = uniformFloat64(random) ** (1 / alpha);
    if (x + y <= 1 && x + y > 0) return x / (x + y);
  }
}

/**
 * Mix features [count, length], which are maps [height, width, channels] where there are boxes.
 * @returns those that have a partner, [partners, length]; the first so many of what was read
 */
export function mixFeatures(
  features: Float32Array,
  { mix: { partners, own, boxes }, count, map }: { mix: Mix; count: number; map: MapSize | null },
): Float32Array {
  const length = features.length / count;
  const mixed = features.slice(0, partners.length * length);
  for (const [i, partner] of partners.entries()) {
    if (partner === i) continue;
    const [mine, theirs] = [i * length, partner * length];
    const box = boxes?.[i];
    if (box === undefined || map === null) {
      const share = own[i] ?? 1;
      for (let k = 0; k < length; k++) {
        const other = features[theirs + k] as number;
        mixed[mine + k] = other + share * ((features[mine + k] as number) - other);
      }
      continue;
    }
    const row = length / map.height;
    const cell = row / map.width;
    for (let y = box.top; y < box.bottom; y++) {
      const [from, to] = [y * row + box.left * cell, y * row + box.right * cell];
      mixed.set(features.subarray(theirs + from, theirs + to), mine + from);
    }
  }
  return mixed;
}
