import { wordFor } from '#model/counted';
import { type Html, html, section, table } from '../page/html.js';
import { renderPage } from '../page/shell.js';
import type { DataCheck, Finding, PairFinding } from './findings.js';
import { describeTrust, nameSuspects } from './suspects.js';

/** Pictures per list on the page; `check.json` has them all. */
const SHOWN = 60;
/** Rows per table of counts. */
const ROWS = 60;

type Draw = (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/**
 * The check as one page that needs nothing else: figures in tables, findings as pictures, worst first.
 * @param draw data URIs of the pictures at these paths
 */
export async function drawCheck(check: DataCheck, draw: Draw): Promise<string> {
  const pairs = [check.leaks, check.conflicts, check.copies].flatMap((list) => list.slice(0, SHOWN));
  const singles = [check.suspects, check.outliers].flatMap((list) => list.slice(0, SHOWN));
  const uris = await draw([
    ...pairs.flatMap(({ first, second }) => [first.path, second.path]),
    ...singles.map(({ path }) => path),
  ]);
  const body = html`<h1>Data check</h1>
<p class="sub">${check.pictures} pictures of ${check.data}</p>
${summary(check)}
${check.unsplittable === null ? null : html`<p class="note wrong">Training would refuse this data: ${check.unsplittable}</p>`}
${check.shortcuts.map((words) => html`<p class="note wrong"><b>Doubt:</b> ${words}.</p>`)}
${unreadable(check)}
${pairSection('One picture on two sides', 'Learned on one side and judged on another: every figure would flatter. Training refuses these unless the plan says leaks: allow.', check.leaks, uris)}
${pairSection('One thing under two labels', 'The same picture, or a copy of it, is labelled both ways. Decide what it is.', check.conflicts, uris)}
${suspectSection(check, uris)}
${listSection('Unusual pictures', 'Blurred, or too dark, bright, flat or harsh for their class: modified z-scores above 3.5 on median and median absolute deviation.', check.outliers, uris)}
${pairSection('Copies under one label', 'Kept on one side by the training. Many copies of few parts are fewer parts than they seem.', check.copies, uris)}
${Object.entries(check.counts).map(([name, rows]) => countSection(name, rows))}
${section('Sizes', null, table(['size', 'pictures'], entriesOf(check.sizes)))}
${section('Formats', null, table(['format', 'pictures'], entriesOf(check.formats)))}`;
  return renderPage({ title: 'Data check', body });
}

function summary(check: DataCheck): Html {
  const cards: [number, string, boolean][] = [
    [check.unreadable.length, `${wordFor(check.unreadable.length, 'file')} that cannot be taken`, true],
    [check.leaks.length, `${wordFor(check.leaks.length, 'pair')} on two sides`, true],
    [check.conflicts.length, `${wordFor(check.conflicts.length, 'pair')} under two labels`, true],
    [check.suspects.length, nameSuspects(check.agreement), false],
    [check.outliers.length, 'unusual in sharpness or exposure', false],
    [check.copies.length, `${wordFor(check.copies.length, 'copy', 'copies')} under one label`, false],
  ];
  return html`<div class="cards">${cards.map(
    ([n, words, isWrong]) =>
      html`<div class="card${n > 0 && isWrong ? ' wrong' : ''}"><b>${n}</b><span>${words}</span></div>`,
  )}</div>`;
}

function unreadable({ unreadable: files }: DataCheck): Html | null {
  if (files.length === 0) return null;
  const rows = files.slice(0, SHOWN).map(({ path, reason }) => [path, reason]);
  return section(
    'Cannot be taken',
    more(files.length, 'No readable pictures, or of a size that the plan refuses.'),
    table(['file', ''], rows),
  );
}

function suspectSection(check: DataCheck, uris: ReadonlyMap<string, string>): Html | null {
  const { agreement } = check;
  const name = nameSuspects(agreement);
  const title = `${name[0]?.toUpperCase()}${name.slice(1)}`;
  const trust = agreement === null ? '' : ` It ${describeTrust(agreement)}.`;
  const about =
    'A model that never saw the picture, nor any of its group, is surer of another class than it usually is of that class (confident learning). Look, then correct the label or leave it: hard pictures are suspect too.' +
    trust;
  if (check.unasked !== null) return section(title, null, html`<p class="note">${check.unasked}</p>`);
  return listSection(title, about, check.suspects, uris);
}

function listSection(
  title: string,
  about: string,
  findings: readonly Finding[],
  uris: ReadonlyMap<string, string>,
): Html | null {
  if (findings.length === 0) return null;
  const pictures = findings
    .slice(0, SHOWN)
    .map(
      ({ path, label, side, what }) =>
        html`<div class="picture"><div class="single">${picture(path, uris)}</div><p><b>${label}</b>${side === null ? '' : ` in ${side}`}, ${what}</p><p class="sub">${path}</p></div>`,
    );
  return section(title, more(findings.length, about), html`<div class="pictures">${pictures}</div>`);
}

function pairSection(
  title: string,
  about: string,
  pairs: readonly PairFinding[],
  uris: ReadonlyMap<string, string>,
): Html | null {
  if (pairs.length === 0) return null;
  const pictures = pairs
    .slice(0, SHOWN)
    .map(
      ({ first, second, how }) =>
        html`<div class="picture"><div>${picture(first.path, uris)}${picture(second.path, uris)}</div><p>${how}</p><p class="sub"><b>${first.label}</b> ${first.side} ${first.path}<br><b>${second.label}</b> ${second.side} ${second.path}</p></div>`,
    );
  return section(title, more(pairs.length, about), html`<div class="pictures">${pictures}</div>`);
}

function picture(path: string, uris: ReadonlyMap<string, string>): Html {
  return html`<img alt="${path}" src="${uris.get(path) ?? ''}">`;
}

function more(count: number, about: string): string {
  return count > SHOWN ? `${about} The first ${SHOWN} of ${count}; check.json has all.` : about;
}

function countSection(name: string, rows: Readonly<Record<string, Readonly<Record<string, number>>>>): Html {
  const labels = [...new Set(Object.values(rows).flatMap((row) => Object.keys(row)))].sort();
  const all = Object.entries(rows).sort(([a], [b]) => (a < b ? -1 : 1));
  const shown = all.slice(0, ROWS).map(([value, row]) => [value, ...labels.map((label) => String(row[label] ?? 0))]);
  const about = all.length > ROWS ? `The first ${ROWS} of ${all.length}; check.json has all.` : null;
  return section(`Pictures by ${name}`, about, table([name, ...labels], shown));
}

function entriesOf(counts: Readonly<Record<string, number>>): string[][] {
  return Object.entries(counts)
    .sort(([, a], [, b]) => b - a)
    .slice(0, ROWS)
    .map(([name, n]) => [name, String(n)]);
}
