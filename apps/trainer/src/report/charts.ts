import type { Figures, Report, Robustness } from '#contracts';
import { axis, drawChart, INK, LEGEND, uprightAxis } from '../page/chart.js';
import type { Html } from '../page/html.js';

const SHARE = { min: 0, max: 1 };

/** Where the threshold stands on a curve. */
function pointAt(x: number, y: number): object {
  return {
    type: 'scatter',
    name: 'operating point',
    data: [[x, y]],
    symbolSize: 13,
    itemStyle: { color: INK.mark },
    z: 5,
  };
}

function line(name: string, data: readonly (readonly [number, number])[], own: object = {}): object {
  return { type: 'line', name, data, showSymbol: false, lineStyle: { width: 2, color: INK.good }, ...own };
}

/** Defects found against good parts rejected. */
export function drawRoc({ curve, atThreshold: at }: Figures): Html {
  return drawChart({
    xAxis: axis('overkill: share of good parts rejected', SHARE),
    yAxis: uprightAxis('share of defects found', SHARE),
    series: [
      line('ROC', [[0, 0], ...curve.map(({ overkill, recall }) => [overkill, recall] as const)], {
        itemStyle: { color: INK.good },
      }),
      pointAt(at.overkill.value ?? 0, 1 - (at.missRate.value ?? 0)),
    ],
  });
}

/** Share of rejects that are defects against defects found. */
export function drawPrecisionRecall({ curve, atThreshold: { tp, fp, fn } }: Figures): Html {
  return drawChart({
    xAxis: axis('share of defects found', SHARE),
    yAxis: uprightAxis('share of rejects that are defects', SHARE),
    series: [
      line(
        'precision and recall',
        curve.map(({ recall, precision }) => [recall, precision] as const),
        {
          itemStyle: { color: INK.good },
        },
      ),
      ...(tp + fp === 0 ? [] : [pointAt(tp / (tp + fn), tp / (tp + fp))]),
    ],
  });
}

/** Scores of both kinds, each as a share of its own kind, with threshold and grey zone. */
export function drawHistogram({ histogram, atThreshold: { threshold, greyZone } }: Figures): Html {
  const bars = histogram.good.length;
  const shares = (counts: readonly number[]) => {
    const total = Math.max(
      1,
      counts.reduce((sum, count) => sum + count, 0),
    );
    return counts.map((count, i) => [(i + 0.5) / bars, (100 * count) / total] as const);
  };
  const bar = (name: string, color: string, counts: readonly number[]) => ({
    type: 'bar',
    name,
    data: shares(counts),
    // Side by side without a gap: between them they fill the axis.
    barCategoryGap: 0,
    barGap: 0,
    itemStyle: { color },
  });
  const label = { color: INK.mark, formatter: `threshold ${threshold.toFixed(3)}`, position: 'end', fontSize: 12.5 };
  return drawChart({
    grid: { left: 62, right: 26, top: 56, bottom: 50 },
    xAxis: axis('defect score', SHARE),
    yAxis: uprightAxis('% of the pictures of a kind', { min: 0 }),
    series: [
      {
        ...bar('good', INK.good, histogram.good),
        markArea: {
          silent: true,
          itemStyle: { color: INK.grey },
          data: [[{ xAxis: greyZone[0] }, { xAxis: greyZone[1] }]],
        },
        markLine: {
          silent: true,
          symbol: 'none',
          lineStyle: { color: INK.mark, width: 2, type: 'solid' },
          label,
          data: [{ xAxis: threshold }],
        },
      },
      bar('defect', INK.defect, histogram.defect),
    ],
  });
}

/** Mean score against share of defects per bin, with exact limits. */
export function drawReliability({ reliability: { bins } }: Figures): Html {
  return drawChart({
    xAxis: axis('mean defect score in the bin', SHARE),
    yAxis: uprightAxis('share of defects in the bin', SHARE),
    series: [
      line(
        'score = share',
        [
          [0, 0],
          [1, 1],
        ],
        {
          lineStyle: { color: INK.faint, type: 'dashed', width: 1.5 },
          itemStyle: { color: INK.faint },
        },
      ),
      ...bins.map(({ meanScore, defectShare }) =>
        line(
          '',
          [
            [meanScore, defectShare.low],
            [meanScore, defectShare.high],
          ],
          {
            lineStyle: { color: INK.good, width: 1.5 },
          },
        ),
      ),
      {
        type: 'scatter',
        name: 'pictures, with 95 % limits',
        data: bins.map(({ meanScore, defectShare, n }) => [meanScore, defectShare.value ?? 0, n]),
        symbolSize: ([, , n]: number[]) => 6 + 3 * Math.log2(1 + (n ?? 0)) ** 0.8,
        itemStyle: { color: INK.good },
      },
    ],
    legend: { ...LEGEND, data: ['score = share', 'pictures, with 95 % limits'] },
  });
}

type Phase = 'features' | 'fine-tune';
const PHASES = [
  { phase: 'features', name: 'phase 1: the head', color: INK.good },
  { phase: 'fine-tune', name: 'phase 2: fine-tuning', color: INK.defect },
] as const;

type Learning = Pick<Report, 'epochs' | 'kept'>;

/** Room for the words at a mark, under the legend. */
const MARKED = { left: 62, right: 26, top: 54, bottom: 50 };

/** Where the kept epoch stands; 0 = before the first. */
function keptAt(epoch: number): object {
  const label = { color: INK.mark, formatter: epoch === 0 ? 'start kept' : 'kept', position: 'end', fontSize: 12.5 };
  const lineStyle = { color: INK.mark, width: 2, type: 'solid' };
  return { markLine: { silent: true, symbol: 'none', lineStyle, label, data: [{ xAxis: epoch }] } };
}

/** Losses by epoch of one phase, with the epoch that it hands on. */
export function drawLosses({ epochs, kept }: Learning, phase: Phase): Html {
  const own = epochs.filter((epoch) => epoch.phase === phase);
  const end = kept.find((one) => one.phase === phase);
  return drawChart({
    grid: MARKED,
    xAxis: axis('epoch', { min: 0, minInterval: 1 }),
    yAxis: uprightAxis('loss', { min: 0 }),
    series: [
      line(
        'training',
        own.map(({ epoch, loss }) => [epoch, loss] as const),
        {
          itemStyle: { color: INK.good },
          showSymbol: own.length < 12,
        },
      ),
      line(
        'validation',
        own.flatMap(({ epoch, validation }) => (validation === null ? [] : [[epoch, validation.loss] as const])),
        {
          lineStyle: { color: INK.defect, width: 2 },
          itemStyle: { color: INK.defect },
          showSymbol: own.length < 12,
          ...(end === undefined ? {} : keptAt(end.epoch)),
        },
      ),
    ],
  });
}

/** Validation AUROC by epoch, both phases one after the other, with the epoch whose weights the model has. */
export function drawRanking({ epochs, kept }: Learning): Html {
  const told = epochs.flatMap(({ phase, validation }, i) =>
    validation?.auroc == null ? [] : [{ phase, at: i + 1, auroc: validation.auroc }],
  );
  const of = (phase: Phase) => told.filter((one) => one.phase === phase).map(({ at, auroc }) => [at, auroc] as const);
  const end = kept.at(-1);
  const before = end?.phase === 'fine-tune' ? epochs.filter(({ phase }) => phase === 'features').length : 0;
  const least = Math.floor(20 * Math.min(0.95, ...told.map(({ auroc }) => auroc))) / 20;
  return drawChart({
    grid: MARKED,
    xAxis: axis('epoch, both phases', { min: 0, minInterval: 1 }),
    yAxis: uprightAxis('validation AUROC', { min: least, max: 1 }),
    series: PHASES.filter(({ phase }) => of(phase).length > 0).map(({ phase, name, color }) =>
      line(name, of(phase), {
        lineStyle: { color, width: 2 },
        itemStyle: { color },
        showSymbol: told.length < 40,
        ...(end?.phase === phase ? keptAt(before + end.epoch) : {}),
      }),
    ),
  });
}

/** Misses and overkills under each disturbance. */
export function drawRobustness({ conditions }: Robustness): Html {
  const names = conditions.map(({ kind, strength }) => `${kind} ${strength}`.trim());
  const bar = (name: string, color: string, values: readonly (number | null)[]) => ({
    type: 'bar',
    name,
    data: values.map((value) => 100 * (value ?? 0)),
    itemStyle: { color },
  });
  return drawChart(
    {
      grid: { left: 130, right: 24, top: 34, bottom: 46 },
      xAxis: axis('%', { min: 0, max: 100 }),
      yAxis: axis('', { type: 'category', data: names, inverse: true, splitLine: { show: false } }),
      series: [
        bar(
          'missed defects',
          INK.defect,
          conditions.map(({ missRate }) => missRate.value),
        ),
        bar(
          'overkill',
          INK.good,
          conditions.map(({ overkillRate }) => overkillRate.value),
        ),
      ],
    },
    { height: 560 },
  );
}
