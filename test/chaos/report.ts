import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Row } from './fault.js';
import { describeMachine, printTable } from './table.js';

const WHAT = `A line in miniature runs while something breaks: cameras with parts of known truth, the contract's own gate, a real mosquitto with the
shipped settings, a network that can break, and a real \`lineside inspector\` process with a 64-pixel model whose score of every picture is
known. Frames are counted on the wire between broker and inspector; ledger and plant database are read afterwards. Code: \`test/chaos/\`; a
new fault is one entry in \`test/chaos/faults/\`. The command fails unless every row has 0 lost, 0 doubled, 0 false PASS and nothing
unexplained; \`npm test -- chaos\` runs the short form.

| figure | what it counts |
| --- | --- |
| sent | parts that a camera photographed; without a broker the frame is gone, and the gate rejects |
| delivered | frames that reached an inspector |
| PASS, FAIL, INCONCLUSIVE | records of these parts in the ledger |
| lost | frames the inspector acknowledged on the wire without a record in the ledger, or with one and not in the plant database |
| doubled | frames with more than one record, in one ledger, in two, or in the plant database |
| false PASS | openings of the gate without a PASS that is valid, in time, on this very part and picture, durable, and of the inspector READY then |
| missed | defective parts with a valid PASS: the model's own mistakes, here a known share |
| unexplained | parts sent between two that were recorded, and neither in a record nor in a gap the inspector listed; asserted, not shown |
| shown after | from the blow to the first sign on the line: a state, a last will, an alert, a verdict's reason, or the gate's own timer (1 s); the longest of all blows |
| recovered after | from the mending (a process is started again, the network is whole) to the first part that passes the gate; the longest |
`;

/** Ends what a run writes; what stands behind it is a person's, and stays. */
const END = '<!-- end of what npm run test:chaos writes -->';

/** Write the page that shows the matrix to the world. */
export function writeReport(file: string, rows: readonly Row[]): void {
  const [, kept = '\n'] = existsSync(file) ? readFileSync(file, 'utf8').split(END) : [];
  const command = ['npm run test:chaos --', ...process.argv.slice(2)].join(' ');
  const made = `Made on ${new Date().toISOString().slice(0, 10)} by \`${command}\`\non ${describeMachine()}.`;
  const written = ['# The failure matrix', WHAT, made, printTable(rows), END].join('\n\n');
  writeFileSync(file, written.replaceAll(/\n{3,}/g, '\n\n') + kept);
}
