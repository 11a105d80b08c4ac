import type { Comparison } from '#contracts';
import type { OperatingPoint } from '#model/card';
import type { Compared } from '../judge/compare-models.js';
import { type Html, html, section, table } from '../page/html.js';
import { renderPage } from '../page/shell.js';
import { describeComparison, fewerErrors } from './describe-comparison.js';

/** The page of two models on the same pictures: what differs, what is noise, and where they disagree. */
export function drawComparison({ comparison, points, thumbnails }: Compared): string {
  const { a, b, n, groups, subset, leftOut, doubts, misses, overkills, auroc, averagePrecision } = comparison;
  const parts = groups < n ? `, ${groups} groups` : '';
  const left = leftOut > 0 ? `; ${leftOut} that one of them used in training are left out` : '';
  const body = html`<h1>Two models on the same pictures</h1>
<p class="sub"><b>A</b> ${a}, ${describePoint(points.a)}<br><b>B</b> ${b}, ${describePoint(points.b)}<br>${n} pictures (${subset})${parts}${left}</p>
${doubts.length === 0 ? null : html`<div class="note wrong">${doubts.map((words) => html`<b>Doubt:</b> ${words}.<br>`)}</div>`}
<div class="note">${describeComparison(comparison).map((words) => html`${words}<br>`)}</div>
<p class="about">Each model decides at its own threshold. Limits of the ranking come from a bootstrap over ${groups < n ? 'whole groups' : 'pictures'} in pairs, where there are enough of them; errors are held against each other by McNemar's exact test${groups < n ? ', in which a group has one vote' : ''}. Within noise says that this set cannot tell the two apart, not that they are equal.</p>
${section(
  'Figures',
  null,
  html`${table(
    ['ranking', 'A', 'B', 'B − A', '95 % limits', ''],
    [rankingRow('AUROC', auroc), rankingRow('average precision', averagePrecision)],
  )}<h3>Errors</h3>${table(
    ['error', 'of', 'A', 'B', 'A alone', 'B alone', 'groups: more by A', 'more by B', 'p', ''],
    [errorRow('missed defects', misses), errorRow('good parts rejected', overkills)],
  )}`,
)}
${drawDisagreements(comparison, thumbnails)}`;
  return renderPage({ title: `${a} and ${b}`, body });
}

function describePoint({ threshold, greyZone: [low, high] }: OperatingPoint): string {
  const zone = low < high ? `, grey zone ${low.toFixed(4)} to ${high.toFixed(4)}` : '';
  return `threshold ${threshold.toFixed(4)}${zone}`;
}

function rankingRow(name: string, { a, b, difference, limits, isNoise }: Comparison['auroc']): (string | Html)[] {
  const better = difference > 0 ? 'B is better' : 'A is better';
  const told =
    limits === null
      ? ['–', 'too few groups to tell']
      : [`${digits(limits.low)} to ${digits(limits.high)}`, isNoise ? 'within noise' : better];
  return [name, ...[a, b, difference].map(digits), ...told];
}

function errorRow(name: string, tested: Comparison['misses']): (string | Html)[] {
  const { onlyA, onlyB, both, of, againstA, againstB, p } = tested;
  const counts = [of, both + onlyA, both + onlyB, onlyA, onlyB, againstA, againstB].map(String);
  return [name, ...counts, p.toPrecision(2), fewerErrors(tested)];
}

function digits(value: number): string {
  return value.toFixed(4);
}

function drawDisagreements({ disagreements }: Comparison, thumbnails: Compared['thumbnails']): Html {
  if (disagreements.length === 0) return section('Disagreements', 'None: every verdict is the same.', html``);
  const more = disagreements.length - thumbnails.size;
  const shown = disagreements.slice(0, thumbnails.size);
  return section(
    `Disagreements: ${disagreements.length} pictures`,
    `Defects first; what one model alone passes before what neither does; then by how far the scores lie apart.${more > 0 ? ` The first ${thumbnails.size} are shown.` : ''}`,
    html`<div class="pictures">${shown.map(
      ({ path, label, isDefect, a, b }) => html`<div class="picture">
<div class="single"><img src="${thumbnails.get(path) ?? ''}" alt="${path}"></div>
<p>${verdictOf('A', a, isDefect)} ${verdictOf('B', b, isDefect)}<br>${label}<br><small>${path}</small></p></div>`,
    )}</div>`,
  );
}

function verdictOf(
  name: string,
  { score, verdict }: Comparison['disagreements'][number]['a'],
  isDefect: boolean,
): Html {
  const isWrong = isDefect === (verdict === 'PASS');
  return html`<b>${name}</b> <span class="${isWrong ? 'bad' : 'fine'}">${verdict}</span> ${score.toFixed(3)}`;
}
