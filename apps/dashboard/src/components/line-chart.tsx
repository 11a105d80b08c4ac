import { useComputedColorScheme } from '@mantine/core';
import { useElementSize, useMergedRef } from '@mantine/hooks';
import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { formatShare } from '../live/words.js';
import classes from './line-chart.module.css';

export interface ChartLine {
  readonly kind: 'main' | 'mean' | 'limit';
  /** Shares 0..1, one a row; null = nothing there. */
  readonly values: readonly (number | null)[];
  readonly label: string;
}

export interface LineChartProps {
  readonly label: string;
  /** Unix seconds, rising. */
  readonly seconds: readonly number[];
  /** As many and of the same kinds for the chart's whole life; the first of kind `main` carries the marks. */
  readonly lines: readonly ChartLine[];
  /** Rows to point out. */
  readonly marks: readonly number[];
}

/** Shares over time. Drawn anew when the size or the colours change, fed otherwise. */
export function LineChart({ label, seconds, lines, marks }: LineChartProps) {
  const { ref: sizeRef, width, height } = useElementSize<HTMLDivElement>();
  const place = useRef<HTMLDivElement>(null);
  const ref = useMergedRef(sizeRef, place);
  const scheme = useComputedColorScheme('dark');
  const chart = useRef<uPlot | null>(null);
  const marked = useRef(marks);
  const drawn = useRef({ seconds, lines });
  marked.current = marks;
  drawn.current = { seconds, lines };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the colours are read from the page when the scheme changes
  useEffect(() => {
    const element = place.current;
    if (element === null || width === 0 || height === 0) return;
    const options = chartOptions({ width, height, lines: drawn.current.lines, marked: () => marked.current, element });
    chart.current = new uPlot(options, columnsOf(drawn.current), element);
    return () => {
      chart.current?.destroy();
      chart.current = null;
    };
  }, [width, height, scheme]);

  useEffect(() => {
    chart.current?.setData(columnsOf({ seconds, lines }));
  }, [seconds, lines]);

  return <div ref={ref} className={classes.chart} role="img" aria-label={`${label}; ${latest(lines)}`} />;
}

function latest(lines: readonly ChartLine[]): string {
  const last = lines.find(({ kind }) => kind === 'main')?.values.findLast((value) => value !== null) ?? null;
  return last === null ? 'no data yet' : `last ${formatShare(last)}`;
}

function columnsOf({ seconds, lines }: Pick<LineChartProps, 'seconds' | 'lines'>): uPlot.AlignedData {
  return [[...seconds], ...lines.map(({ values }) => values.map((value) => (value === null ? null : value * 100)))];
}

interface ChartSetup {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly ChartLine[];
  readonly marked: () => readonly number[];
  readonly element: Element;
}

function chartOptions({ width, height, lines, marked, element }: ChartSetup): uPlot.Options {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(`--ls-${name}`).trim();
  const rem = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const font = `${Math.round(rem * 0.75)}px ${style.fontFamily}`;
  const axis = { stroke: color('dim'), font, ticks: { show: false } };
  const main = lines.findIndex(({ kind }) => kind === 'main') + 1;
  return {
    width,
    height,
    legend: { show: false },
    cursor: { y: false, points: { size: rem * 0.5 } },
    padding: [rem * 0.4, rem * 1.3, 0, 0],
    scales: { x: { range: timeRange }, y: { range: shareRange } },
    axes: [
      { ...axis, grid: { show: false }, size: rem * 1.7, gap: rem * 0.6, space: rem * 4, values: clockValues },
      {
        ...axis,
        grid: { stroke: color('border'), width: 1 },
        size: rem * 3.2,
        space: rem * 1.6,
        values: (_, ticks) => ticks.map((tick) => `${tick} %`),
      },
    ],
    series: [{}, ...lines.map((line) => seriesOf(line, { color, rem }))],
    hooks: {
      draw: [(plot) => drawMarks({ plot, series: main, rows: marked(), color: color('fail'), size: rem * 0.4 })],
    },
    plugins: [tooltip(lines)],
  };
}

function seriesOf(line: ChartLine, { color, rem }: { color: (name: string) => string; rem: number }): uPlot.Series {
  switch (line.kind) {
    case 'main':
      return {
        stroke: color('line'),
        width: rem * 0.13,
        points: { show: true, size: rem * 0.35, fill: color('line') },
      };
    case 'mean':
      return { stroke: color('dim'), width: 1, points: { show: false } };
    case 'limit':
      return {
        stroke: color('dim'),
        width: 1,
        dash: [rem * 0.35, rem * 0.25],
        points: { show: false },
        // Each limit is its own minute's; the last reaches the edge, or nobody would see it.
        paths: uPlot.paths.stepped?.({ align: 1, extend: true }),
      };
  }
}

/** At least ten minutes, so that the first points of a shift do not fill the width (uPlot gives one point a day). */
function timeRange(plot: uPlot): uPlot.Range.MinMax {
  const [first = 0] = plot.data[0];
  const last = plot.data[0].at(-1) ?? 0;
  return [Math.min(first, last - 600), last + 30];
}

/** Room around the values, inside 0..100 %. */
function shareRange(_: uPlot, min: number, max: number): uPlot.Range.MinMax {
  if (min === null || max === null) return [0, 100];
  const room = Math.max(1, (max - min) * 0.15);
  return [Math.max(0, min - room), Math.min(100, max + room)];
}

function clockValues(_: uPlot, splits: number[]): string[] {
  return splits.map((second) =>
    new Date(second * 1_000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' }),
  );
}

interface Marks {
  readonly plot: uPlot;
  readonly series: number;
  readonly rows: readonly number[];
  readonly color: string;
  readonly size: number;
}

/** A diamond around each point out of limits: shape and colour. */
function drawMarks({ plot, series, rows, color, size }: Marks): void {
  const half = size * devicePixelRatio;
  plot.ctx.save();
  plot.ctx.strokeStyle = color;
  plot.ctx.lineWidth = 2 * devicePixelRatio;
  for (const row of rows) {
    const second = plot.data[0][row];
    const value = plot.data[series]?.[row];
    if (second === undefined || value === undefined || value === null) continue;
    const x = plot.valToPos(second, 'x', true);
    const y = plot.valToPos(value, 'y', true);
    plot.ctx.beginPath();
    plot.ctx.moveTo(x, y - half);
    plot.ctx.lineTo(x + half, y);
    plot.ctx.lineTo(x, y + half);
    plot.ctx.lineTo(x - half, y);
    plot.ctx.closePath();
    plot.ctx.stroke();
  }
  plot.ctx.restore();
}

/** The values under the pointer, in words. */
function tooltip(lines: readonly ChartLine[]): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = classes.tooltip ?? '';
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const { idx, left = -1 } = plot.cursor;
        const second = idx === null || idx === undefined ? undefined : plot.data[0][idx];
        box.hidden = second === undefined || left < 0;
        if (second === undefined || idx === null || idx === undefined) return;
        const values = lines.map(({ label }, i) => {
          const value = plot.data[i + 1]?.[idx] ?? null;
          return `${label} ${formatShare(value === null ? null : value / 100)}`;
        });
        box.textContent = [clockValues(plot, [second])[0], ...values.reverse()].join(' · ');
      },
    },
  };
}
