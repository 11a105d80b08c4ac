import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Parameter } from '#model/train/parameters';
import { OPTIMISERS, Optimiser } from './optimiser.js';
import { SharedOptimiser } from './shared-optimiser.js';

const SIZES = [200_000, 7, 150_001, 3];
/** The halves of the vector meet inside the third, and the second does not learn. */
const PARAMETERS = SIZES.map(
  (length, i): Parameter => ({
    name: `layer${i}/kernel`,
    shape: [length],
    offset: SIZES.slice(0, i).reduce((sum, size) => sum + size, 0),
    length,
    group: 'base',
    decays: i % 2 === 0,
    isOpen: i !== 1,
  }),
);
const LENGTH = SIZES.reduce((sum, size) => sum + size, 0);

function vector(of: (i: number) => number): Float32Array<SharedArrayBuffer> {
  const values = new Float32Array(new SharedArrayBuffer(4 * LENGTH));
  for (const i of values.keys()) values[i] = of(i);
  return values;
}

/** The factors of some steps, one after the other; their gradients differ. */
const FACTORS = [0.3, 1, 0.7, 0.2];
const gradientOf = (step: number) => vector((i) => Math.sin(i * (step + 1)));

describe('an optimiser on two cores', () => {
  for (const kind of OPTIMISERS) {
    const options = { kind, rates: [1e-3, 1e-3, 2e-3, 5e-3], weightDecay: 0.1 };

    it(`${kind} moves every value to the bits of one core, also where it goes on from what was saved`, async () => {
      const expected = vector(Math.cos);
      const alone = new Optimiser(PARAMETERS, options);
      for (const [step, factor] of FACTORS.entries()) alone.step(expected, gradientOf(step), factor);

      const weights = vector(Math.cos);
      let saved: { moments: readonly Float32Array[]; step: number } | null = null;
      for (const steps of [
        [0, 1],
        [2, 3],
      ]) {
        const shared: SharedOptimiser = SharedOptimiser.start(PARAMETERS, options, saved);
        for (const step of steps)
          await shared.step({ weights, gradient: gradientOf(step), factor: FACTORS[step] ?? Number.NaN });
        await shared.stop();
        saved = { moments: shared.moments.map((moment) => moment.slice()), step: steps.length };
      }
      assert.ok(Buffer.from(weights.buffer).equals(Buffer.from(expected.buffer)));
    });
  }

  it('says that the other half is not moved any more, instead of waiting for it', async () => {
    const shared = SharedOptimiser.start(PARAMETERS, { kind: 'sgd', rates: [], weightDecay: 0 }, null);
    await shared.stop();
    const step = { weights: vector(Math.cos), gradient: vector(Math.sin), factor: 1 };
    await assert.rejects(shared.step(step), { name: 'InvariantError', message: /optimiser thread/ });
  });
});
