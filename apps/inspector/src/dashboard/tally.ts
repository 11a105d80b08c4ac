import type { Origin, Tally, Verdict } from '#contracts';

export function emptyTally(): Tally {
  return { pass: 0, fail: 0, inconclusive: 0, first: 0, firstPass: 0 };
}

export function emptyTallies(): Record<Origin, Tally> {
  return { line: emptyTally(), simulated: emptyTally(), challenge: emptyTally() };
}

/** Count one verdict in place. `isFirst`: the part was not inspected at this camera before. */
export function addVerdict(tally: Tally, verdict: Pick<Verdict, 'verdict'>, isFirst: boolean): void {
  if (verdict.verdict === 'PASS') tally.pass += 1;
  else if (verdict.verdict === 'FAIL') tally.fail += 1;
  else tally.inconclusive += 1;
  if (!isFirst) return;
  tally.first += 1;
  if (verdict.verdict === 'PASS') tally.firstPass += 1;
}
