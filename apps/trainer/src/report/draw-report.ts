import { stringify } from 'yaml';
import type { Figures, Report } from '#contracts';
import type { ModelCard } from '#model/card';
import { counted } from '#model/counted';
import { percent } from '#model/percent';
import { describeKept } from '../fit/kept-epoch.js';
import { figure, type Html, html, section, table } from '../page/html.js';
import { renderPage } from '../page/shell.js';
import {
  drawHistogram,
  drawLosses,
  drawPrecisionRecall,
  drawRanking,
  drawReliability,
  drawRobustness,
  drawRoc,
} from './charts.js';
import { drawSlices, marked, share } from './draw-slices.js';
import { drawSummary } from './draw-summary.js';
import type { ShownPicture } from './hardest.js';

export interface ReportPage {
  readonly card: ModelCard;
  readonly report: Report;
  readonly pictures: { readonly defects: readonly ShownPicture[]; readonly goods: readonly ShownPicture[] };
}

const SIDES: Readonly<Record<Report['subset'], string>> = {
  test: 'held out',
  val: 'of validation, which also chose the threshold, so that these figures flatter',
  train: 'of training, which the model has learnt, so that these figures flatter',
  all: 'all that were given',
};

/** The page of one model: what a quality engineer needs to trust it, or not. One file without network or script. */
export function drawReport({ card, report, pictures }: ReportPage): string {
  const { figures, epochs, kept, robustness, subset, leftOut } = report;
  const parts = figures.groups < figures.n ? `, ${counted(figures.groups, 'group')}` : '';
  const left = leftOut > 0 ? `; ${leftOut} used in training are left out` : '';
  const body = html`<h1>${card.id}</h1>
<p class="sub">${counted(figures.n, 'picture')}, ${SIDES[subset]}: ${counted(figures.positives, 'defect')}, ${figures.n - figures.positives} good${parts}${left}. Written ${day(report.createdTs)} UTC.</p>
${drawSummary(card, figures)}
${drawDoubts(report)}
${drawHardest(card, pictures)}
${drawScores(card, figures)}
${drawSlices(figures.slices)}
${robustness === null ? null : drawDisturbed(robustness)}
${drawCalibration(card, figures)}
${epochs.length === 0 ? null : drawLearning({ epochs, kept })}
${drawPrecisions(card)}
${drawOrigin(card)}`;
  return renderPage({ title: `${card.id}: report`, body });
}

function drawDoubts({ doubts: { training, pictures } }: Report): Html {
  return html`${drawDoubted('Doubted by its training', training ?? [])}${drawDoubted('Doubted of these pictures', pictures)}`;
}

function drawDoubted(title: string, doubts: readonly string[]): Html | null {
  if (doubts.length === 0) return null;
  return html`<div class="note wrong"><b>${title}</b><ul>${doubts.map((words) => html`<li>${words}.</li>`)}</ul></div>`;
}

function drawHardest({ oneClass }: ModelCard, { defects, goods }: ReportPage['pictures']): Html {
  const hasHeat = [...defects, ...goods].some(({ heat }) => heat !== null);
  const how =
    oneClass === null
      ? 'Grad-CAM'
      : 'by how far each patch is from every good one remembered, as it counts in the score';
  const about = `The defects with the lowest scores and the good pictures with the highest, as the network reads them${hasHeat ? `; beside each the places that speak for a defect (${how}; brightest = strongest within the picture)` : ''}. A wrong verdict has a red frame. Look whether the label is right before blaming the model.`;
  return section(
    'The hardest pictures',
    about,
    html`<h3>Defects that look good</h3><div class="pictures">${defects.map(drawPicture)}</div>
<h3>Good parts that look defective</h3><div class="pictures">${goods.map(drawPicture)}</div>`,
  );
}

function drawPicture({ path, label, score, verdict, isWrong, tile, ofTiles, picture, heat }: ShownPicture): Html {
  const image = html`<img src="${picture}" alt="${path}">`;
  const glow = heat === null ? null : html`<img src="${heat}" alt="places that speak for a defect">`;
  const where = ofTiles > 1 ? `, tile ${tile} of ${ofTiles}` : '';
  return html`<div class="picture${isWrong ? ' wrong' : ''}"><div class="${heat === null ? 'single' : ''}">${image}${glow}</div>
<p><b class="${isWrong ? 'bad' : 'fine'}">${verdict}</b> score ${score.toFixed(4)}, ${label}${where}<br><small>${path}</small></p></div>`;
}

function drawScores(card: ModelCard, figures: Figures): Html {
  return section(
    'Scores',
    'Each picture gets a defect score from 0 to 1. A good model keeps the two kinds apart; the threshold decides between them, inside the grey zone a person does.',
    html`<div class="charts">${figure('Scores of good pictures and of defects', drawHistogram(figures))}
${figures.curve.length === 0 ? null : figure('ROC: defects found against good parts rejected', drawRoc(figures))}
${figures.curve.length === 0 ? null : figure('Precision and recall', drawPrecisionRecall(figures))}
<div>${drawConfusion(card, figures)}</div></div>`,
  );
}

function drawConfusion(card: ModelCard, { confusion, overkillAtRecall }: Figures): Html {
  const rows = confusion.map(({ label, PASS, INCONCLUSIVE, FAIL }) => [
    label,
    ...[PASS, INCONCLUSIVE, FAIL, PASS + INCONCLUSIVE + FAIL].map(String),
  ]);
  const costs = Object.entries(overkillAtRecall ?? {})
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([recall, overkill]) => [`finding ${percent(Number(recall))} of the defects`, percent(overkill)]);
  return html`<h3>Verdicts</h3>${table(['true label', 'PASS', 'INCONCLUSIVE', 'FAIL', 'all'], rows)}
${drawNamed(card, confusion)}
${costs.length === 0 ? null : html`<h3>What finding more would cost on these pictures</h3>${table(['', 'good parts rejected at the least'], costs)}`}`;
}

/** How well kinds of defect are told apart: what the line's records and its Pareto of defects rest on. */
function drawNamed({ labels, good }: ModelCard, confusion: Figures['confusion']): Html | null {
  const classes = labels.filter((label) => label !== good);
  if (classes.length < 2) return null;
  const rows = confusion.map(({ label, named }) => [
    label,
    ...classes.map((name) => {
      const count = named[name] ?? 0;
      return marked(String(count), count > 0 && name !== label && classes.includes(label));
    }),
  ]);
  return html`<h3>Which defect it names, of what does not pass</h3>${table(['true label', ...classes], rows)}`;
}

function drawDisturbed(robustness: NonNullable<Report['robustness']>): Html {
  const { defects, goods, conditions } = robustness;
  const rows = conditions.map(({ kind, strength, auroc, missed, missRate, overkill, overkillRate }) => [
    `${kind} ${strength}`,
    auroc?.toFixed(3) ?? '–',
    marked(share(missed, defects, missRate), missed > (conditions[0]?.missed ?? 0)),
    share(overkill, goods, overkillRate),
  ]);
  return section(
    'When the camera changes',
    `The same ${counted(defects, 'defect')} and ${counted(goods, 'good picture')}, disturbed as the network reads them, at the model's own threshold. Misses that jump under a disturbance say what to keep steady on the line, or what to train with; an image gate may catch the strong ones first.`,
    html`<div class="charts">${figure('Missed defects and overkill by disturbance', drawRobustness(robustness))}
<div>${table(['disturbance', 'AUROC', 'missed', 'overkill'], rows)}</div></div>`,
  );
}

function drawCalibration({ calibration }: ModelCard, figures: Figures): Html {
  const error = percent(figures.reliability.expectedCalibrationError);
  const how =
    calibration === null
      ? 'The model was not calibrated.'
      : calibration.reason === null
        ? `A temperature of ${calibration.temperature.toFixed(2)} was fitted on ${calibration.pictures} validation pictures (loss ${calibration.lossBefore?.toFixed(3)} to ${calibration.lossAfter?.toFixed(3)}) and is part of the network.`
        : `No temperature was fitted: ${calibration.reason}.`;
  return section(
    'Can a score be read as a probability?',
    `Where points lie on the dashed line, of the pictures with score 0.7 seven in ten are defects, among pictures mixed as these are. Expected calibration error ${error}. ${how}`,
    html`<div class="charts">${figure('Reliability', drawReliability(figures))}</div>`,
  );
}

const PHASES: Readonly<Record<Report['kept'][number]['phase'], string>> = {
  features: 'phase 1',
  'fine-tune': 'phase 2, whose weights the model has',
};

function drawLearning({ epochs, kept }: Pick<Report, 'epochs' | 'kept'>): Html {
  const has = (phase: 'features' | 'fine-tune') => epochs.some((epoch) => epoch.phase === phase);
  return section(
    'How it learnt',
    'Training loss falls by itself; what counts is validation. A validation curve that turns upwards says that the model learns the training pictures by heart.',
    html`${kept.length === 0 ? null : html`<div class="note">${kept.map((one) => html`<b>Kept of ${PHASES[one.phase]}:</b> ${describeKept(one)}.<br>`)}</div>`}<div class="charts">
${has('features') ? figure('Phase 1, the head: loss', drawLosses({ epochs, kept }, 'features')) : null}
${has('fine-tune') ? figure('Phase 2, fine-tuning: loss', drawLosses({ epochs, kept }, 'fine-tune')) : null}
${figure('Validation AUROC', drawRanking({ epochs, kept }))}</div>`,
  );
}

function drawPrecisions({ precisions, metrics }: ModelCard): Html {
  const at = metrics.validation?.atThreshold;
  const of = (count: number, all: number | undefined) => (all === undefined ? `${count}` : `${count} of ${all}`);
  const rows = precisions.map((entry) => [
    entry.precision,
    entry.accepted ? html`<span class="fine">accepted</span>` : html`<span class="bad">refused: ${entry.reason}</span>`,
    entry.missed === undefined ? '' : of(entry.missed, at && at.tp + at.fn),
    entry.overkill === undefined ? '' : of(entry.overkill, at && at.fp + at.tn),
    entry.msPerPicture === undefined ? '' : `${entry.msPerPicture.toFixed(1)} ms`,
    entry.certification === undefined ? '' : entry.certification.maxDifference.toExponential(1),
  ]);
  const head = ['precision', '', 'missed', 'overkill', 'time per picture', 'largest difference'];
  return section(
    'Precisions',
    'On the whole validation side at the same threshold. Time is the network alone on one thread of the machine that trained; difference is of a score, fp32 against the trained network, others against fp32.',
    table(head, rows),
  );
}

function drawOrigin(card: ModelCard): Html {
  const { base, data, backend, versions, plan } = card;
  const labels = [...new Set(Object.values(data.pictures).flatMap((side) => Object.keys(side)))];
  const rows = Object.entries(data.pictures).map(([side, counts]) => [
    side,
    ...labels.map((label) => String(counts[label] ?? 0)),
  ]);
  const facts = [
    ['network', `${base.backbone} (${base.variant}), ${base.weights}`],
    ['data fingerprint', data.fingerprint.slice(0, 16)],
    ['weights', card.weightsSha256.slice(0, 16)],
    ...(card.derivedFrom === null ? [] : [['operating point moved from', card.derivedFrom]]),
    ['computed with', `${backend.name}, ${backend.threads} threads, repeatable: ${backend.reproducible}`],
    [
      'versions',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
  ];
  return section(
    'What it was made of',
    'The card alone repeats the run.',
    html`${table(['pictures', ...labels], rows)}<h3>Run</h3>${table(['', ''], facts)}
<details><summary>the whole plan</summary><pre>${stringify(plan)}</pre></details>`,
  );
}

function day(ts: string): string {
  return ts.replace('T', ' ').slice(0, 16);
}
