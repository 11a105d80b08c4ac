import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkAreaComponent, MarkLineComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { Html } from './html.js';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  LegendComponent,
  MarkAreaComponent,
  MarkLineComponent,
  SVGRenderer,
]);

/** Colours of a chart: stand-ins that become the page's own, so that one drawing is right in light and dark. */
export const INK = {
  ink: '#010101',
  faint: '#010102',
  line: '#010103',
  good: '#010104',
  defect: '#010105',
  mark: '#010106',
  grey: '#010107',
} as const;

/** Widths that a chart is drawn in, px: one half of a wide page, and a phone. The page shows the one that fits (shell.ts). */
const WIDTHS = { wide: 620, narrow: 380 } as const;
export const CHART_HEIGHT = 330;

const TEXT = { color: INK.faint, fontFamily: 'system-ui, sans-serif', fontSize: 13 };
const AXIS = {
  nameLocation: 'middle',
  nameTextStyle: TEXT,
  // An end that is no whole step stays, not the step beside it.
  axisLabel: { ...TEXT, hideOverlap: true, showMaxLabel: true },
  axisLine: { show: true, lineStyle: { color: INK.faint } },
  axisTick: { lineStyle: { color: INK.faint } },
  splitLine: { lineStyle: { color: INK.line } },
};

/** Wide gaps: without a browser the width of words is only guessed. */
export const LEGEND = { textStyle: TEXT, top: 0, itemWidth: 18, itemHeight: 10, itemGap: 34 };

/** An axis in the page's style. */
export function axis(name: string, own: object = {}): object {
  return { type: 'value', name, nameGap: 30, ...AXIS, ...own };
}

/** An upright axis, with room for its numbers. */
export function uprightAxis(name: string, own: object = {}): object {
  return axis(name, { nameGap: 44, ...own });
}

/**
 * Draw a chart as SVG, here and now, without a browser: once for each width, for letters shrink with a drawing.
 * @param size `isWideOnly` where names need the room; a phone scrolls such a chart
 */
export function drawChart(option: EChartsCoreOption, { height = CHART_HEIGHT, isWideOnly = false } = {}): Html {
  const names = isWideOnly ? (['wide'] as const) : (['wide', 'narrow'] as const);
  const drawings = names.map((name) => {
    const svg = inPageColours(drawSvg(option, { width: WIDTHS[name], height }));
    // A reader that speaks has the figure's caption, and nothing of two drawings without a name.
    return svg.replace(/<svg width="\d+" height="\d+"/, `<svg aria-hidden="true" class="${name}"`);
  });
  return new Html(drawings.join('\n'));
}

function drawSvg(option: EChartsCoreOption, size: { readonly width: number; readonly height: number }): string {
  const chart = init(null, null, { renderer: 'svg', ssr: true, ...size });
  try {
    chart.setOption({
      animation: false,
      textStyle: TEXT,
      grid: { left: 62, right: 18, top: 34, bottom: 50 },
      legend: LEGEND,
      ...option,
    });
    return chart.renderToSVGString();
  } finally {
    chart.dispose();
  }
}

function inPageColours(svg: string): string {
  return Object.entries(INK).reduce((text, [name, stand]) => text.replaceAll(stand, `var(--${name})`), svg);
}
