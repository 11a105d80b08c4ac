import { readFile } from 'node:fs/promises';
import type { Comparison } from '#contracts';
import type { Artefact } from '#model/artefact';
import type { OperatingPoint } from '#model/card';
import { groupOf } from '#model/dataset/sample';
import { verdictOfScored } from '#model/decide';
import { comparePairs } from '#model/metrics-paired';
import { drawFile } from '../page/picture.js';
import { choosePictures } from './choose-pictures.js';
import { doubtPictures, type EvaluationRequest, judgePictures, readAsTrained } from './evaluate-model.js';

export interface CompareRequest extends Omit<EvaluationRequest, 'artefact' | 'place'> {
  readonly a: Artefact;
  readonly b: Artefact;
}

export interface Compared {
  readonly comparison: Comparison;
  /** Where each model decides. */
  readonly points: { readonly a: OperatingPoint; readonly b: OperatingPoint };
  /** The first pictures of disagreement by path, as data URIs. */
  readonly thumbnails: ReadonlyMap<string, string>;
}

/** Pictures shown on a page. */
const SHOWN = 60;

/**
 * Let two models judge the same pictures that neither has learnt or chosen by, each at its own operating point, and say
 * how they differ.
 * @throws InputError ONE_CLASS; and as `evaluateModel`
 */
export async function compareModels({ a, b, onProgress, subset: asked, ...data }: CompareRequest): Promise<Compared> {
  const half = (from: number) => (done: number, total: number) => onProgress?.(from * total + done, 2 * total);
  const dataset = await readAsTrained(data, a.card);
  const { samples, subset, leftOut } = await choosePictures({ dataset, asked, models: [a, b] });
  const doubts = await doubtPictures(samples, asked, [a, b]);
  const first = await judgePictures(samples, { artefact: a, onProgress: half(0) });
  const second = await judgePictures(samples, { artefact: b, onProgress: half(1) });
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
    .sort(
      (x, y) =>
        Number(y.isDefect) - Number(x.isDefect) ||
        Number(isPassedOnce(y)) - Number(isPassedOnce(x)) ||
        gapOf(y) - gapOf(x),
    );
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
      subset,
      leftOut,
      doubts,
      ...comparePairs(pairs, points),
      disagreements,
    },
    points,
    thumbnails,
  };
}

/** One model alone errs: it passes a defect, or rejects a good part. FAIL beside INCONCLUSIVE is the same to a gate. */
function isPassedOnce({ a, b }: Pick<Comparison['disagreements'][number], 'a' | 'b'>): boolean {
  return (a.verdict === 'PASS') !== (b.verdict === 'PASS');
}

function gapOf({ a, b }: { a: { score: number }; b: { score: number } }): number {
  return Math.abs(a.score - b.score);
}
