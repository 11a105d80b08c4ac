import * as echarts from 'echarts';
import type { DataChoice } from '../steps/dataset.js';
import type { Curve } from './curves.js';
import { FIGURE_KINDS } from './figures.js';
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

/** One page without scripts and network: the ranked table, every candidate with its interval, the learning curves. */
export function renderSweep({ file, data, sweep, rows, curves }: SweepReport): string {
  const { title, isBetterHigh } = FIGURE_KINDS[sweep.rankBy];
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(sweep.title)}</title>
<style>${STYLE}</style></head><body>
<h1>${text(sweep.title)}</h1>
<p>${text(sweep.about)}</p>
<p class="quiet">${text(file)} on ${text(data.data)}, seeds ${sweep.seeds.join(', ')}. Figures are of validation pictures; the test side was not scored.</p>
<h2>Ranked by ${title}${isBetterHigh ? '' : ' (lower is better)'}</h2>
${table(rows, title)}
<p class="quiet">Mean over seeds. Brackets: 95 % interval of a bootstrap over seeds and, within each, whole groups of pictures. <em>Behind</em> compares with the
first on the same pictures; where its interval holds 0 the two are within noise. The first place itself was chosen on these pictures, so its figure leans to the good side.</p>
<h2>${title} with its interval</h2>
${intervals(rows, title)}
<h2>Validation AUROC while learning, mean over seeds</h2>
${learning(curves)}
</body></html>
`;
}

const STYLE = `body{font:15px/1.5 system-ui,sans-serif;max-width:1100px;margin:2rem auto;padding:0 1rem;color:#1c2733}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #dde3e9;vertical-align:top}
td.number{font-variant-numeric:tabular-nums;white-space:nowrap}tr.noise td{color:#5a6875}tr.none td{color:#8a5a00}.quiet{color:#5a6875}svg{max-width:100%;height:auto}`;

function table(rows: readonly Row[], title: string): string {
  const head = [
    '',
    'candidate',
    title,
    'behind the first',
    'AUROC',
    'AP',
    'max F1',
    'overkill at 95 %',
    'seeds',
    's/trial',
    'standing',
  ];
  const cells = rows.map((row) => {
    const { figures, secondsPerTrial, effort } = row;
    const standing = text(describeStanding(row));
    if (row.place === null)
      return `<tr class="none"><td></td><td>${text(row.name)}</td><td colspan="9">${standing}</td></tr>`;
    const numbers = [
      row.place ?? '',
      { text: `${text(row.name)}${effort === null ? '' : ` <span class="quiet">at ${effort}</span>`}` },
      estimate(row.estimate),
      estimate(row.behind),
      figures?.auroc.toFixed(4) ?? '',
      figures?.averagePrecision.toFixed(4) ?? '',
      figures?.maxF1.toFixed(3) ?? '',
      figures === null ? '' : `${(figures.overkillAt95 * 100).toFixed(1)} %`,
      row.seeds,
      secondsPerTrial?.toFixed(0) ?? '',
      { text: standing },
    ];
    const kind = row.isWithinNoise ? 'noise' : '';
    const tds = numbers.map((cell) =>
      typeof cell === 'object' ? `<td>${cell.text}</td>` : `<td class="number">${cell}</td>`,
    );
    return `<tr class="${kind}">${tds.join('')}</tr>`;
  });
  return `<table><thead><tr>${head.map((word) => `<th>${word}</th>`).join('')}</tr></thead><tbody>${cells.join('\n')}</tbody></table>`;
}

function estimate(value: Estimate | null): string {
  return value === null ? '' : `${value.mean.toFixed(4)} [${value.low.toFixed(4)}, ${value.high.toFixed(4)}]`;
}

const ROW_PX = 34;

function intervals(rows: readonly Row[], title: string): string {
  const measured = rows.flatMap((row) => (row.estimate === null ? [] : [{ ...row, estimate: row.estimate }])).reverse();
  const names = measured.map(({ name, effort }) => (effort === null ? name : `${name} (at ${effort})`));
  const points = measured.flatMap(({ bySeed }, i) => bySeed.map((value) => [value, i]));
  return draw(
    {
      grid: { left: 10, right: 30, top: 10, bottom: 45, containLabel: true },
      xAxis: { type: 'value', scale: true, name: title, nameLocation: 'middle', nameGap: 28 },
      yAxis: { type: 'category', data: names, axisTick: { show: false } },
      series: [
        {
          type: 'custom',
          renderItem: (_, api) => {
            const [low, high] = [1, 2].map((at) => api.coord([api.value(at), api.value(0)]));
            const style = { stroke: '#7a8b9c', lineWidth: 2 };
            const shape = { x1: low?.[0] ?? 0, y1: low?.[1] ?? 0, x2: high?.[0] ?? 0, y2: high?.[1] ?? 0 };
            return { type: 'line', shape, style };
          },
          encode: { x: [1, 2], y: 0 },
          data: measured.map((row, i) => [i, row.estimate.low, row.estimate.high]),
        },
        { type: 'scatter', symbolSize: 5, itemStyle: { color: '#9fb3c8' }, data: points },
        {
          type: 'scatter',
          symbol: 'diamond',
          symbolSize: 11,
          itemStyle: { color: '#0b5cad' },
          data: measured.map((row, i) => [row.estimate.mean, i]),
        },
      ],
    },
    measured.length * ROW_PX + 70,
  );
}

function learning(curves: readonly Curve[]): string {
  const longest = Math.max(0, ...curves.map(({ auroc }) => auroc.length));
  return draw(
    {
      grid: { left: 55, right: 20, top: 20 + Math.ceil(curves.length / 3) * 22, bottom: 45 },
      legend: { top: 0, type: 'plain' },
      xAxis: {
        type: 'category',
        name: 'epoch',
        nameLocation: 'middle',
        nameGap: 28,
        data: Array.from({ length: longest }, (_, i) => i + 1),
      },
      yAxis: { type: 'value', scale: true },
      series: curves.map(({ name, auroc }) => ({ name, type: 'line', data: [...auroc] })),
    },
    360 + Math.ceil(curves.length / 3) * 22,
  );
}

function draw(option: echarts.EChartsOption, height: number): string {
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: 1060, height });
  chart.setOption({ animation: false, textStyle: { fontFamily: 'system-ui, sans-serif' }, ...option });
  const svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
}

function text(words: string): string {
  return words.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
