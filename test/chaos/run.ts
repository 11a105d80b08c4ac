import { after } from 'node:test';
import { readWords } from '../factories/read-words.js';
import { FAMILIES } from './families.js';
import { FULL, type Row, SHORT } from './fault.js';
import { testMatrix } from './matrix.js';
import { writeReport } from './report.js';
import { printTable } from './table.js';

// `npm run test:chaos`: the failure matrix, all of it or some families, printed and on request written to a page.

const { values } = readWords(
  {
    options: {
      short: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      frames: { type: 'string' },
      seed: { type: 'string', default: '1' },
      write: { type: 'string' },
    },
  },
  'npm run test:chaos [-- --short --only FAMILY … --frames N --seed N --write FILE]',
);

const families = FAMILIES.filter(({ name }) => values.only === undefined || values.only.includes(name));
const unknown = (values.only ?? []).filter((name) => !FAMILIES.some((family) => family.name === name));
if (unknown.length > 0) {
  console.error(`No fault ${unknown.join(', ')}; there are ${FAMILIES.map(({ name }) => name).join(', ')}.`);
  process.exit(1);
}
if (values.write !== undefined && values.only !== undefined) {
  console.error('--write puts the whole matrix on a page: leave out --only, or copy the rows that it prints.');
  process.exit(1);
}
const size = values.short ? SHORT : FULL;
const rows: Row[] = [];
testMatrix({
  families,
  size: { ...size, frames: Number(values.frames ?? size.frames) },
  seed: Number(values.seed),
  onRow: (row) => rows.push(row),
});
after(async () => {
  console.log(`\n${printTable(rows)}`);
  if (values.write !== undefined) await writeReport(values.write, rows);
});
