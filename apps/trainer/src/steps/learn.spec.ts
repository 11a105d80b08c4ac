import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { TrainEvent } from '#contracts';
import { chooseBackend } from '#model/backend/choose';
import { auroc } from '#model/metrics-ranking';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { hashWeights } from '#model/weights/weight-map';
import { makeExamples } from '../../../../test/factories/feature-examples.js';
import { tempDir } from '../../../../test/factories/tools.js';
import { Checkpoints } from '../checkpoints.js';
import type { StoreLayout } from '../fit/feature-store.js';
import { Plan } from '../plan/plan.js';
import { settle } from '../plan/settle.js';
import { StopSwitch } from '../stop-switch.js';
import { TrainLog } from '../train-log.js';
import type { Example } from './example.js';
import { type Learnt, learn } from './learn.js';
import { phasesOf } from './phase.js';

const TILES = 6;
const PICTURES = 50;
const TRAIN = 30;
const plan = settle(Plan.parse({ preset: 'fast', features: { epochs: 8 } }), TRAIN);

describe('learning from pictures of several tiles', () => {
  const dir = tempDir();
  let layout: StoreLayout;
  /** Tiles that look good and tiles that look defective. */
  let looks: { good: Example[]; defective: Example[] };

  before(async () => {
    await chooseBackend('wasm');
    const { examples, features } = await makeExamples(dir, {
      shape: { embedding: 1280, cut: 0 },
      count: 2 * PICTURES * TILES,
    });
    layout = features;
    looks = {
      good: examples.filter(({ label }) => label === 0),
      defective: examples.filter(({ label }) => label === 1),
    };
  });

  it('ranks pictures whose defect shows in one tile, and says how many tiles taught it', async () => {
    const { learnt, steps } = await run({ tiles: TILES });
    const scores = learnt.heldOut.map(({ probabilities, label }) => ({
      score: 1 - (probabilities[0] ?? Number.NaN),
      isDefect: label !== 0,
    }));
    assert.ok(auroc(scores) > 0.7, `AUROC ${auroc(scores)}`);
    assert.match(steps.get('tiles') ?? '', /^75 of 180 training tiles teach/);
  });

  it('chooses no tiles where a picture is one', async () => {
    const { steps } = await run({ tiles: 1 });
    assert.deepEqual([...steps.keys()], ['features', 'fine-tune']);
  });

  it('goes on after a stop amid the choice and comes to the same bits', async () => {
    const out = tempDir();
    const whole = await run({ tiles: TILES });
    await assert.rejects(run({ tiles: TILES, out, stopAt: 'tiles2 features' }), { code: 'STOPPED' });
    const { learnt } = await run({ tiles: TILES, out, isResumed: true });
    assert.equal(hashWeights(learnt.weights), hashWeights(whole.learnt.weights));
  });

  async function run({
    tiles,
    out = tempDir(),
    isResumed = false,
    stopAt,
  }: {
    tiles: number;
    out?: string;
    isResumed?: boolean;
    stopAt?: string;
  }): Promise<{ learnt: Learnt; steps: Map<string, string> }> {
    const steps = new Map<string, string>();
    const stop = new StopSwitch();
    const log = new TrainLog([
      (event: TrainEvent) => {
        if (event.event === 'step') steps.set(event.step, event.text);
        if (event.event === 'progress' && event.step === stopAt) stop.ask();
      },
    ]);
    const identity = { plan, data: '', weights: '', backend: 'wasm', workers: 1 };
    const pictures = picturesOf(tiles);
    const learnt = await learn(
      {
        ...{
          plan,
          known: LITE0_WEIGHTS,
          backend: 'wasm',
          workers: 1,
          size: { height: 32, width: 32 },
          cut: 'embedding',
        },
        ...{ pretrained: new Map(), phases: phasesOf(plan), stop },
        head: { ...plan.head, labels: 2 },
        freeze: { frozen: [], cut: 'embedding', layers: 0, ofLayers: 0, firstOpen: null, parameters: 0 },
        checkpoints: await Checkpoints.open(out, { identity, isResumed }, log),
        features: {
          ...{ train: pictures.slice(0, TRAIN * tiles), validation: pictures.slice(TRAIN * tiles), layout, draw: null },
          ...{ pooled: async () => [], close: async () => {} },
        },
      },
      log,
    );
    return { learnt, steps };
  }

  /** Every other one defective; of their tiles one shows it. */
  function picturesOf(tiles: number): Example[] {
    const [good, defective] = [looks.good.values(), looks.defective.values()];
    return Array.from({ length: PICTURES * tiles }, (_, at) => {
      const picture = Math.floor(at / tiles);
      const label = picture % 2;
      const { value } = (label === 1 && at % tiles === picture % tiles ? defective : good).next();
      return { ...(value as Example), picture, label, group: `picture ${picture}` };
    });
  }
});
