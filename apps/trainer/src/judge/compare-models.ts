import { readFile } from 'node:fs/promises';
import { type Comparison, InputError } from '#contracts';
import type { Artefact } from '#model/artefact';
import { groupOf } from '#model/dataset/sample';
import { verdictOfScored } from '#model/decide';
import { comparePairs } from '#model/metrics-paired';
import { drawFile } from '../page/picture.js';
import { type EvaluationRequest, evaluateModel } from './evaluate-model.js';
import type { Scored } from './score.js';

export interface CompareRequest extends Omit<EvaluationRequest, 'artefact' | 'place'> {
  readonly a: Artefact;
  readonly b: Artefact;
}

export interface Compared {
  readonly comparison: Comparison;
  /** The first pictures of disagreement by path, as data URIs. */
  readonly thumbnails: ReadonlyMap<string, string>;
}

/** Pictures shown on a page. */
const SHOWN = 60;

/**
 * Let two models judge the same held-out pictures, each at its own operating point, and say how they differ.
 * @throws InputError COMPARE_PICTURES when what one held out is not what the other did; and as `evaluateModel`
 */
export async function compareModels({ a, b, onProgress, ...data }: CompareRequest): Promise<Compared> {
  const half = (from: number) => (done: number, total: number) => onProgress?.(from * total + done, 2 * total);
  const first = await evaluateModel({ ...data, artefact: a, onProgress: half(0) });
  const second = await evaluateModel({ ...data, artefact: b, onProgress: half(1) });
  assertSamePictures(first.scored, second.scored);
  const points = { a: a.card.operatingPoint, b: b.card.operatingPoint };
  const pairs = first.scored.map((one, i) => ({
    sample: one.sample,
    isDefect: one.isDefect,
    group: groupOf(one.sample),
    a: one,
    b: second.scored[i] ?? { score: Number.NaN },
  }));
  const disagreements = pairs
    .map(({ sample: { path, label, kind }, isDefect, ...said }) => ({
      path,
      label: kind ?? label,
      isDefect,
      a: { score: said.a.score, verdict: verdictOfScored(said.a, points.a) },
      b: { score: said.b.score, verdict: verdictOfScored(said.b, points.b) },
    }))
    .filter((one) => one.a.verdict !== one.b.verdict)
    .sort((x, y) => Number(y.isDefect) - Number(x.isDefect) || gapOf(y) - gapOf(x));
  const files = new Map(pairs.map(({ sample }) => [sample.path, sample.file]));
  const thumbnails = new Map<string, string>();
  for (const { path } of disagreements.slice(0, SHOWN)) {
    thumbnails.set(path, await drawFile(await readFile(files.get(path) ?? path)));
  }
  return {
    comparison: {
      schema: 'lineside.comparison/1',
      a: a.card.id,
      b: b.card.id,
      subset: first.subset,
      ...comparePairs(pairs, points),
      disagreements,
    },
    thumbnails,
  };
}

function gapOf({ a, b }: { a: { score: number }; b: { score: number } }): number {
  return Math.abs(a.score - b.score);
}

function assertSamePictures(first: readonly Scored[], second: readonly Scored[]): void {
  const isSame =
    first.length === second.length && first.every(({ sample }, i) => sample.path === second[i]?.sample.path);
  if (isSame) return;
  throw new InputError(
    'COMPARE_PICTURES',
    `The two models held out different pictures (${first.length} and ${second.length}): expected one set that neither has learnt from. Give a split that both were trained with (--split), or pictures that are new to both (--subset all).`,
  );
}
