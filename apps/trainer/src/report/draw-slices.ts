import type { Share, Slice } from '#contracts';
import { type Html, html, section, table } from '../page/html.js';

/** In the order of the page, each with its many. */
const BY: Readonly<Record<Slice['by'], string>> = { class: 'classes', group: 'groups', lot: 'lots', camera: 'cameras' };

/** Slices of one kind that stand on the page at once; of more the worst, and the others folded up. */
const OPEN = 15;
const WORST = 10;
/** Folded up at most: thousands of groups are pages that nobody reads, and paper unfolds them all. */
const FOLDED = 200;

/** Misses and overkill by class, group, lot and camera, the worst first; nothing where nothing can be told apart. */
export function drawSlices(slices: readonly Slice[]): Html | null {
  if (slices.length === 0) return null;
  return section(
    'Where it goes wrong',
    'Worst first, with exact 95 % limits. A slice with one kind only is ranked against all pictures of the other kind. A rate that is high in one slice alone is a hint to look, not yet a finding: with many slices some look bad by chance.',
    html`${(Object.keys(BY) as Slice['by'][]).flatMap((by) => {
      const own = slices.filter((slice) => slice.by === by);
      return own.length === 0 ? [] : [html`<h3>By ${by}</h3>${drawKind(by, own)}`];
    })}`,
  );
}

function drawKind(by: Slice['by'], slices: readonly Slice[]): Html {
  const worst = [...slices].sort(compareErrors);
  if (worst.length <= OPEN) return drawTable(by, worst);
  const all = `${worst.length} ${BY[by]}`;
  const wrong = worst.filter(({ missed, overkill }) => missed + overkill > 0).length;
  const folded = worst.slice(0, FOLDED);
  const isAll = folded.length === worst.length;
  return html`<p class="about">Of ${all} ${wrong === 0 ? 'none' : wrong} ${wrong < 2 ? 'has' : 'have'} a miss or overkill.${isAll ? '' : ' The JSON file beside this page has all.'}</p>
${drawTable(by, worst.slice(0, WORST))}<details><summary>${isAll ? `all ${all}` : `the worst ${FOLDED} of ${all}`}</summary>${drawTable(by, folded)}</details>`;
}

function drawTable(by: Slice['by'], slices: readonly Slice[]): Html {
  const rows = slices.map((slice) => [
    slice.name,
    marked(share(slice.missed, slice.defects, slice.missRate), slice.missed > 0),
    share(slice.overkill, slice.goods, slice.overkillRate),
    slice.auroc === null ? '' : slice.auroc.toFixed(3),
  ]);
  return table([by, 'missed', 'overkill', 'AUROC'], rows);
}

/** Worst first: by misses, then by overkill; of equal counts the higher rate, of equal rates the lower ranking. */
function compareErrors(a: Slice, b: Slice): number {
  return (
    b.missed - a.missed ||
    rate(b.missRate) - rate(a.missRate) ||
    b.overkill - a.overkill ||
    rate(b.overkillRate) - rate(a.overkillRate) ||
    (a.auroc ?? 1) - (b.auroc ?? 1)
  );
}

function rate({ value }: Share): number {
  return value ?? 0;
}

/** A count with its exact limits, in whole percent where a tenth says nothing. */
export function share(count: number, total: number, { low, high }: Share): string {
  if (total === 0) return '–';
  const short = (value: number) => (100 * value).toFixed(value < 0.1 ? 1 : 0);
  return `${count} of ${total} (${short(low)}–${short(high)} %)`;
}

/** Words that catch the eye where they are bad. */
export function marked(text: string, isBad: boolean): string | Html {
  return isBad ? html`<span class="bad">${text}</span>` : text;
}
