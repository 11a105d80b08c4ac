import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { Verdict } from '#contracts';
import { makeArrival, makeVerdict } from '../../../../test/factories/frames.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { makeLedger } from '../ledger/ledger.js';
import { compareLedgers } from './compare-ledgers.js';

/** A ledger with these verdicts, on frames f0, f1 and so on. */
async function writeLedger(verdicts: readonly Partial<Verdict>[]): Promise<string> {
  const file = join(tempDir(), 'ledger.sqlite');
  const ledger = makeLedger((error) => assert.fail(error));
  after(() => ledger.stop());
  await ledger.start(file);
  for (const [i, verdict] of verdicts.entries()) {
    const frameId = `f${i}`;
    await ledger.accept(makeArrival({ frameId, seq: i }));
    await ledger.close({ verdict: makeVerdict({ frameId, seq: i, ...verdict }), picture: null });
  }
  return file;
}

const PASS = { verdict: 'PASS', reason: 'MODEL', score: 0.1 } as const;
const FAIL = { verdict: 'FAIL', reason: 'MODEL', score: 0.9 } as const;
const rejected = (reason: Verdict['reason'], score: number | null) =>
  ({ verdict: 'INCONCLUSIVE', reason, score }) as const;

describe('a challenger beside the line', () => {
  it('is compared on what both models had their word on; what the line did with its PASS is not its word', async () => {
    const pairs: [Partial<Verdict>, Partial<Verdict>][] = [
      [PASS, PASS],
      [PASS, FAIL],
      [rejected('LATE', 0.1), PASS],
      [rejected('CHALLENGE', 0.1), FAIL],
      [rejected('IMAGE_BLUR', null), PASS],
      [rejected('GREY_ZONE', 0.5), PASS],
      [rejected('LATE', null), PASS],
      [rejected('OVERLOAD', null), FAIL],
      [rejected('INTERNAL', 0.1), PASS],
      [PASS, rejected('MODEL_NOT_READY', null)],
      [PASS, { ...FAIL, recipe: 'board' }],
    ];
    const line = await writeLedger(pairs.map(([said]) => said));
    const shadow = await writeLedger(pairs.map(([, said]) => said));
    const { frames, unseen, otherRecipe, disagreements, counts, listed } = compareLedgers({ line, shadow, limit: 10 });
    assert.deepEqual(
      { frames, unseen, otherRecipe, disagreements },
      { frames: 6, unseen: 4, otherRecipe: 1, disagreements: 4 },
    );
    assert.deepEqual(
      counts.map((each) => [each.line, each.shadow, each.frames]),
      [
        ['INCONCLUSIVE', 'PASS', 2],
        ['PASS', 'FAIL', 2],
        ['PASS', 'PASS', 2],
      ],
    );
    assert.deepEqual(
      listed.map(({ frameId }) => frameId),
      ['f5', 'f4', 'f3', 'f1'],
    );
  });
});
