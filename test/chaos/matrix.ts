import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeDice } from './dice.js';
import type { Family, Fault, Row, Size, Task } from './fault.js';
import { ChaosLine } from './line.js';

const PARTS_PER_SECOND = 60;
/** Whatever was broken: parts pass again within this. */
const PASSING_MS = 60_000;
const FAMILY_TIMEOUT_MS = 4 * 60 * 60 * 1_000;

export interface MatrixOptions {
  readonly families: readonly Family[];
  readonly size: Size;
  readonly seed: number;
  /** Every row as it is done, also one that failed. */
  readonly onRow: (row: Row) => void;
}

/** One test for each line, one below it for each fault; a row that misses its goal fails its test. */
export function testMatrix({ families, size, seed, onRow }: MatrixOptions): void {
  for (const sharing of groupByLine(families)) {
    const [first] = sharing;
    if (first === undefined) continue;
    const name = sharing.map((family) => family.name).join(', ');
    test(name, { skip: first.skip, timeout: FAMILY_TIMEOUT_MS }, async (context) => {
      const task: Task = { size, seed, dice: makeDice(seed) };
      const line = await ChaosLine.lay(await first.lay(task), task.dice);
      if (first.startsReady ?? true) await line.startInspector();
      for (const fault of sharing.flatMap(({ faults }) => faults))
        await testFault(context, { fault, line, task, onRow });
      await line.stopInspector();
    });
  }
}

function groupByLine(families: readonly Family[]): Family[][] {
  const groups: Family[][] = [];
  for (const family of families) {
    const last = groups.at(-1)?.at(-1);
    const isSame = last?.lay === family.lay && last.startsReady === family.startsReady && last.skip === family.skip;
    if (isSame) groups.at(-1)?.push(family);
    else groups.push([family]);
  }
  return groups;
}

interface Trial {
  readonly fault: Fault;
  readonly line: ChaosLine;
  readonly task: Task;
  readonly onRow: (row: Row) => void;
}

async function testFault(context: TestContext, { fault, line, task, onRow }: Trial): Promise<void> {
  const { name, partsPerSecond = PARTS_PER_SECOND, staysDown = false } = fault;
  await context.test(name, async () => {
    line.open();
    if (partsPerSecond > 0) line.feed.start(partsPerSecond);
    let row: Row;
    try {
      await fault.run(line, task);
      if (partsPerSecond === 0 && !staysDown) line.feed.start(PARTS_PER_SECOND);
      if (!staysDown) await line.witness.untilPassed(performance.now(), PASSING_MS);
      row = { fault: name, ...(await line.close()) };
    } catch (error) {
      // The next fault begins with a line at rest.
      await line.rest();
      throw error;
    }
    onRow(row);
    assertGoals(row, { staysDown });
  });
}

/** The goals of the matrix: what a line may bet its gate on. */
export function assertGoals(row: Row, { staysDown }: { staysDown: boolean }): void {
  const { lost, doubled, falsePass, unexplained, problems, sent, pass, broken } = row;
  const goals = { lost: 0, doubled: 0, falsePass: 0, unexplained: 0 };
  assert.deepEqual({ lost, doubled, falsePass, unexplained }, goals, `${row.fault}:\n${problems.join('\n')}`);
  assert.ok(sent > 0, 'parts went by');
  if (staysDown) assert.equal(pass, 0, 'no part passes a line that is down');
  else assert.ok(pass > 0, 'parts passed');
  assert.equal(broken, null, `${row.fault}: ${broken}`);
}
