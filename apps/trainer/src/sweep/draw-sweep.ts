import type { DataChoice } from '../data-choice.js';
import { axis, CHART_HEIGHT, drawChart, INK, LEGEND, uprightAxis } from '../page/chart.js';
import { figure, type Html, html, section, table } from '../page/html.js';
import { renderPage } from '../page/shell.js';
import type { Curve } from './curves.js';
import { FIGURE_KINDS, FIGURES, type Figure } from './figures.js';
import type { Estimate } from './rank.js';
import { describeStanding, type Row } from './results.js';
import type { SweepFile } from './sweep-file.js';

export interface SweepReport {
  readonly file: string;
  readonly data: DataChoice;
  readonly sweep: SweepFile;
  readonly rows: readonly Row[];
  readonly curves: readonly Curve[];
}

/** The page of a sweep: the ranked table, every candidate with its interval, the learning curves. */
export function drawSweep({ file, data, sweep, rows, curves }: SweepReport): string {
  const { title, isBetterHigh } = FIGURE_KINDS[sweep.rankBy];
  const measured = rows.filter(({ place }) => place !== null);
  const unmeasured = rows.filter(({ place }) => place === null).map((row) => [row.name, describeStanding(row)]);
  const body = html`<h1>${sweep.title}</h1>
<p>${sweep.about}</p>
<p class="sub">${file} on ${data.data}, seeds ${sweep.seeds.join(', ')}. Figures are of validation pictures; the test side was not scored.</p>
${section(
  `Ranked by ${title}${isBetterHigh ? '' : ' (lower is better)'}`,
  'Mean over seeds. Brackets: 95 % interval of a bootstrap over whole groups of pictures, the same for every seed, widened by what other trainings would give (Student’s t over the seeds); too few groups have none, and with one seed it tells of the pictures alone. Behind compares with the first on the same pictures; where its interval holds 0 the two are within noise. The first place itself was chosen on these pictures, so its figure leans to the good side.',
  drawTable(measured, sweep.rankBy),
)}
${unmeasured.length === 0 ? null : section('Not measured', null, table(['candidate', ''], unmeasured))}
<section><div class="charts">${figure(`${title}: mean over seeds, its 95 % interval, and every seed as a small dot`, drawIntervals(rows, title))}
${figure('Validation AUROC while learning, mean over seeds', drawCurves(curves))}</div></section>`;
  return renderPage({ title: sweep.title, body });
}

/** Figures beside the one that ranks, which has a column of its own. */
const COLUMNS: Readonly<Record<Figure, { heading: string; tell: (value: number) => string }>> = {
  auroc: { heading: 'AUROC', tell: (value) => value.toFixed(4) },
  averagePrecision: { heading: 'AP', tell: (value) => value.toFixed(4) },
  maxF1: { heading: 'max F1', tell: (value) => value.toFixed(3) },
  overkillAt95: { heading: 'overkill at 95 %', tell: (value) => `${(value * 100).toFixed(1)} %` },
};

function drawTable(rows: readonly Row[], rankBy: Figure): Html {
  const others = FIGURES.filter((name) => name !== rankBy);
  const cells = rows.map((row) => {
    const { place, name, effort, figures, seeds, secondsPerTrial } = row;
    return [
      html`${place}. ${name}${effort === null ? null : html` <small>at ${effort}</small>`}`,
      describeEstimate(row.estimate),
      describeEstimate(row.behind),
      ...others.map((name) => (figures === null ? '' : COLUMNS[name].tell(figures[name]))),
      String(seeds),
      secondsPerTrial?.toFixed(0) ?? '',
      describeStanding(row),
    ];
  });
  const headings = others.map((name) => COLUMNS[name].heading);
  const ranked = ['candidate', FIGURE_KINDS[rankBy].title, 'behind the first'];
  return table([...ranked, ...headings, 'seeds', 's/trial', ''], cells);
}

function describeEstimate(value: Estimate | null): string {
  if (value === null) return '';
  const { mean, limits } = value;
  return limits === null
    ? `${mean.toFixed(4)} [too few groups]`
    : `${mean.toFixed(4)} [${limits.low.toFixed(4)}, ${limits.high.toFixed(4)}]`;
}

/** Every figure is a share: an axis whose end is rounded outwards ends at 1. */
const INSIDE_SHARES = {
  max: ({ min, max }: { readonly min: number; readonly max: number }) => (max + (max - min) / 4 >= 1 ? 1 : null),
};

const ROW_PX = 34;

function drawIntervals(rows: readonly Row[], title: string): Html {
  const measured = rows.flatMap((row) => (row.estimate === null ? [] : [{ ...row, estimate: row.estimate }])).reverse();
  const names = measured.map(({ name, effort }) => (effort === null ? name : `${name} (at ${effort})`));
  return drawChart(
    {
      // Without a browser the width of names is only guessed: room to the left for those guessed too narrow.
      grid: { left: 30, right: 24, top: 10, bottom: 50, outerBoundsMode: 'same', outerBoundsContain: 'axisLabel' },
      xAxis: axis(title, { scale: true, ...INSIDE_SHARES }),
      yAxis: axis('', { type: 'category', data: names, axisTick: { show: false }, splitLine: { show: false } }),
      series: [
        ...measured.flatMap(({ estimate: { limits } }, i) => {
          if (limits === null) return [];
          const data = [limits.low, limits.high].map((value) => [value, i]);
          return [{ type: 'line', data, showSymbol: false, lineStyle: { color: INK.faint, width: 2 } }];
        }),
        {
          type: 'scatter',
          symbolSize: 5,
          itemStyle: { color: INK.faint },
          data: measured.flatMap(({ bySeed }, i) => bySeed.map((value) => [value, i])),
        },
        {
          type: 'scatter',
          symbol: 'diamond',
          symbolSize: 12,
          itemStyle: { color: INK.good },
          data: measured.map(({ estimate }, i) => [estimate.mean, i]),
        },
      ],
    },
    { height: measured.length * ROW_PX + 70, isWideOnly: true },
  );
}

const LEGEND_GAP_PX = 9;
/** Words of 13 pixels and the gap below. */
const LEGEND_ROW_PX = 13 + LEGEND_GAP_PX;

function drawCurves(curves: readonly Curve[]): Html {
  const longest = Math.max(0, ...curves.map(({ auroc }) => auroc.length));
  const legendPx = curves.length * LEGEND_ROW_PX;
  return drawChart(
    {
      grid: { left: 62, right: 18, top: 20 + legendPx, bottom: 50 },
      // One below the other: how many fit beside each other, only a browser knows.
      legend: { ...LEGEND, type: 'plain', orient: 'vertical', left: 62, itemGap: LEGEND_GAP_PX },
      xAxis: axis('epoch', { type: 'category', data: Array.from({ length: longest }, (_, i) => i + 1) }),
      yAxis: uprightAxis('', { scale: true, ...INSIDE_SHARES }),
      series: curves.map(({ name, auroc }) => ({ name, type: 'line', data: [...auroc] })),
    },
    { height: CHART_HEIGHT + legendPx, isWideOnly: true },
  );
}
