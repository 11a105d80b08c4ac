import { join } from 'node:path';
import type { Report } from '#contracts';
import { type Artefact, openArtefact } from '#model/artefact';
import { describeScores } from '#model/metrics-figures';
import { openForMany } from '#model/runtime/open-session';
import type { Scored } from '../judge/score.js';
import { readLearning } from '../learning.js';
import { showHardest } from '../report/hardest.js';
import { measureRobustness } from '../report/robustness.js';
import { writeWhole } from '../write-whole.js';

export interface ReportRequest {
  readonly artefact: Artefact;
  readonly scored: readonly Scored[];
  readonly subset: Report['subset'];
  readonly leftOut: number;
  /** Of these pictures, beside what the training said. */
  readonly doubts: readonly string[];
  /** Where `report.html` goes, and where `report.json`. */
  readonly files: { readonly html: string; readonly json: string };
  /** Pictures that are judged under disturbances; 0 = none. */
  readonly robustness: number;
}

/** Shown of each kind. */
const HARDEST = 8;

/**
 * Write what is to be said of a model on pictures it has judged: a page for people, figures for programs. A tfjs
 * backend must be chosen.
 */
export async function writeReport(request: ReportRequest): Promise<Report> {
  const { artefact, scored, subset, leftOut, files } = request;
  const { card } = artefact;
  const pictures = await showHardest(artefact, scored, HARDEST);
  const report: Report = {
    schema: 'lineside.report/1',
    modelId: card.id,
    createdTs: new Date().toISOString(),
    subset,
    leftOut,
    figures: describeScores(scored, card.operatingPoint),
    doubts: { training: card.doubts?.map(({ words }) => words) ?? null, pictures: [...request.doubts] },
    ...(await readLearning(artefact.dir)),
    robustness: request.robustness === 0 ? null : await disturb(request),
    hardest: [...pictures.defects, ...pictures.goods].map(({ picture: _, heat: __, ...told }) => told),
  };
  const { drawReport } = await import('../report/draw-report.js');
  await writeWhole(files.json, `${JSON.stringify(report, null, 2)}\n`);
  await writeWhole(files.html, drawReport({ card, report, pictures }));
  return report;
}

async function disturb({ artefact, scored, robustness }: ReportRequest): Promise<Report['robustness']> {
  const session = await openForMany(artefact);
  try {
    return await measureRobustness({ card: artefact.card, session, scored, pictures: robustness });
  } finally {
    await session.close();
  }
}

export interface RunReport {
  /** The artefact's directory. */
  readonly out: string;
  readonly validation: readonly Scored[];
  readonly test: readonly Scored[];
  readonly robustness: number;
}

/**
 * Write the report of a run beside its model: on the test side, or on validation where the data has none.
 * @returns where it lies, in words
 */
export async function reportRun({ out, validation, test, robustness }: RunReport): Promise<string> {
  const startedMs = performance.now();
  const files = { html: join(out, 'report.html'), json: join(out, 'report.json') };
  const side =
    test.length > 0 ? ({ scored: test, subset: 'test' } as const) : ({ scored: validation, subset: 'val' } as const);
  const { robustness: disturbed } = await writeReport({
    artefact: await openArtefact(out),
    ...side,
    leftOut: 0,
    // The training has said it of them.
    doubts: [],
    files,
    robustness,
  });
  const judged = disturbed === null ? '' : `, ${disturbed.defects + disturbed.goods} pictures disturbed`;
  return `${files.html}${judged}, in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}
