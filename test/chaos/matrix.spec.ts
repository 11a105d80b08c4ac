import { after } from 'node:test';
import { FAMILIES } from './families.js';
import { type Row, SHORT } from './fault.js';
import { testMatrix } from './matrix.js';
import { printTable } from './table.js';

// The failure matrix in its short form; `npm run test:chaos` is the long one.

const rows: Row[] = [];
testMatrix({ families: FAMILIES, size: SHORT, seed: 1, onRow: (row) => rows.push(row) });
after(() => console.log(`\n${printTable(rows)}`));
