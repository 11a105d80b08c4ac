/** Text that is markup already. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | null | Html | readonly (Html | string)[];

/** Template of markup: what is put in is escaped unless it is markup itself; null leaves nothing. */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return new Html(texts.reduce((all, text, i) => all + text + (i < parts.length ? write(parts[i] ?? null) : ''), ''));
}

function write(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  if (typeof part === 'object') return part.map(write).join('');
  // A number keeps its sign on its line.
  return String(part)
    .replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
    .replace(/(\d) %/g, '$1\u00a0%');
}

/** A table: headings, then rows; the first column names the row, one without a heading holds words, the others numbers. */
export function table(head: readonly string[], rows: readonly (readonly (string | Html)[])[]): Html {
  const cells = (row: readonly (string | Html)[]) =>
    row.map((cell, i) => (i === 0 ? html`<th scope="row">${cell}</th>` : html`<td${words(head[i])}>${cell}</td>`));
  const hasHead = head.some((name) => name !== '');
  return html`<div class="scroll"><table>
${hasHead ? html`<thead><tr>${head.map((name) => html`<th scope="col"${words(name)}>${name}</th>`)}</tr></thead>` : null}
<tbody>${rows.map((row) => html`<tr>${cells(row)}</tr>\n`)}</tbody>
</table></div>`;
}

function words(heading: string | undefined): Html {
  return new Html(heading === '' ? ' class="words"' : '');
}

/** One part of a page under its heading, with a sentence on what it means. */
export function section(title: string, about: string | null, body: Html): Html {
  return html`<section><h2>${title}</h2>${about === null ? null : html`<p class="about">${about}</p>`}${body}</section>\n`;
}

/** A drawing with its title. */
export function figure(title: string, drawing: Html): Html {
  return html`<figure><figcaption>${title}</figcaption>${drawing}</figure>`;
}
