import { performance } from 'node:perf_hooks';
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { messageOf } from '#contracts';
import { tellParent } from '#contracts/tell-parent';
import type { Backbone } from '#model/backbones/backbone';
import { findBackbone } from '#model/backbones/find';
import { resolveFreeze } from '#model/backbones/freeze';
import { chooseBackend } from '#model/backend/choose';
import { buildTail, cutLength } from '#model/network';
import { Crew } from '../../../trainer/src/fit/crew.js';
import { FeatureStore, type RecordShape, type StoreLayout } from '../../../trainer/src/fit/feature-store.js';
import { Plan } from '../../../trainer/src/plan/plan.js';
import { settle } from '../../../trainer/src/plan/settle.js';
import type { Example } from '../../../trainer/src/steps/example.js';
import { type FitOptions, fit } from '../../../trainer/src/steps/fit.js';
import { phasesOf } from '../../../trainer/src/steps/phase.js';
import { formulaWeights } from './formula-weights.js';
import type { StepAnswer, StepOrder } from './step-work.js';

// Entry of a process that does fine-tuning steps on one backend: the product's own `fit`, from cached features on disk
// to moved weights, timed from step to step.

const HEAD = { units: [], dropout: 0.3, labels: 2, l1: 0, l2: 0 };
/** Small enough that a step's work is an ordinary one and nothing diverges. */
const RATES = { rate: 1e-5, headRate: 1e-5 };

process.once('message', (order: StepOrder) => void serve(order).catch(fail));
process.on('disconnect', () => process.exit(0));

function send(answer: StepAnswer): void {
  void tellParent(answer);
}

function fail(error: unknown): void {
  send({ kind: 'failed', message: messageOf(error) });
}

async function serve({ backend, workers: wanted, backbone: name, freeze, batch, dir }: StepOrder): Promise<void> {
  const { device, workers } = await chooseBackend(backend);
  const backbone = findBackbone(name);
  const size = { height: backbone.inputSize, width: backbone.inputSize };
  const { cut, frozen } = resolveFreeze(freeze, backbone);
  const shape = { embedding: backbone.featureSize, cut: cutLength(backbone, size, cut) };
  const tail = buildTail({ backbone, head: HEAD, size, cut, frozen });
  const start = formulaWeights(tail);
  tail.dispose();
  const { examples, features } = await makeExamples(dir, { shape, count: batch });
  const crew = await Crew.start(
    { backend, backbone, head: HEAD, size, cut, frozen, features },
    { workers: wanted ?? workers, start },
  );
  process.on(
    'message',
    ({ steps }: { steps: number }) => void timeSteps(crew, examples, { backbone, batch, steps }).catch(fail),
  );
  send({ kind: 'ready', words: device, workers: crew.workers });
}

/** One example per picture of a batch; what is in them does not matter. */
async function makeExamples(
  dir: string,
  { shape, count }: { shape: RecordShape; count: number },
): Promise<{ examples: Example[]; features: StoreLayout }> {
  const random = xoroshiro128plus(2);
  const store = await FeatureStore.open(dir, { shape, network: 'bench' });
  const values = (length: number) => Float32Array.from({ length }, () => uniformFloat64(random));
  const examples: Example[] = [];
  for (let picture = 0; picture < count; picture++) {
    const key = { pictureSha256: picture.toString(16).padStart(64, '0'), view: 'plain' };
    await store.append([{ ...key, embedding: values(shape.embedding), cut: values(shape.cut) }]);
    examples.push({ records: [picture], plain: picture, picture, label: picture % 2, group: `picture ${picture}` });
  }
  await store.close();
  return { examples, features: store.layout };
}

/** One step more than asked, because a time is what lies between two steps. */
async function timeSteps(
  crew: Crew,
  examples: readonly Example[],
  { backbone, batch, steps }: { backbone: Backbone; batch: number; steps: number },
): Promise<void> {
  const doneAt: number[] = [];
  const plan = Plan.parse({ batch, classWeights: 'none', fineTune: { epochs: 1, warmUp: 0, decay: 'none', ...RATES } });
  const options: FitOptions = {
    ...plan,
    phase: phasesOf(settle(plan, batch)).fineTune,
    head: HEAD,
    backbone,
    map: null,
    onStep: () => doneAt.push(performance.now()),
  };
  const train = Array.from({ length: steps + 1 }, () => examples).flat();
  await fit(crew, { train, validation: examples.slice(0, 2) }, options);
  send({ kind: 'timed', ms: doneAt.slice(1).map((at, i) => at - (doneAt[i] ?? at)) });
}
