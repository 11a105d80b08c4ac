import type { BackendName } from '#model/backend/choose';
import type { Head } from '#model/head';
import { type Cut, type InputSize, mapSizeOf } from '#model/network';
import { openLength } from '#model/train/parameters';
import type { StoredWeights } from '#model/weights/record';
import type { WeightMap } from '#model/weights/weight-map';
import type { Checkpoints } from '../checkpoints.js';
import { Crew } from '../fit/crew.js';
import { describeKept, keptOf } from '../fit/kept-epoch.js';
import type { Penalty } from '../fit/penalty.js';
import type { SettledPlan } from '../plan/settle.js';
import type { StopSwitch } from '../stop-switch.js';
import type { TrainLog } from '../train-log.js';
import type { Example } from './example.js';
import { expectTime } from './expect-time.js';
import type { Features } from './features.js';
import { type FitOptions, type Fitted, fit, type Phase } from './fit.js';
import { judgeHeldOut } from './held-out.js';
import type { JudgedPicture } from './worst-tile.js';

export interface PhaseRequest {
  readonly plan: SettledPlan;
  readonly known: StoredWeights;
  readonly backend: BackendName;
  /** Workers that share a batch, where a step is worth sharing. */
  readonly workers: number;
  readonly head: Head & Penalty;
  readonly size: InputSize;
  readonly features: Features;
  readonly cut: Cut;
  /** Layers behind the cut that do not learn. */
  readonly frozen: readonly string[];
  readonly phase: Phase;
  readonly checkpoints: Checkpoints;
  readonly stop: StopSwitch;
  /** Weights of at least everything behind the cut. */
  readonly start: WeightMap;
  /** Pictures that the fitted network judges. */
  readonly judge: readonly Example[];
  /** Tiles of which it says what it thinks. */
  readonly ask: readonly Example[];
}

/** What a plan says of the two phases. */
export function phasesOf({ features, fineTune }: SettledPlan): { features: Phase; fineTune: Phase } {
  const { rate, headRate, layerDecay, groupRates } = fineTune;
  const rates = { base: rate, head: headRate, layerDecay, groups: groupRates };
  return {
    features: {
      ...features,
      name: 'features',
      offersStart: false,
      rates: { base: 0, head: features.rate, layerDecay: 1, groups: {} },
      schedule: features,
    },
    fineTune: { ...fineTune, name: 'fine-tune', offersStart: true, rates, schedule: fineTune },
  };
}

/** Below this many values at the cut a step is cheaper than handing it to another thread. */
const WORTH_SHARING = 4_096;

export interface PhaseResult extends Fitted {
  /** What it says of the pictures it was given to judge. */
  readonly judged: readonly JudgedPicture[];
  /** What it thinks of the tiles it was asked about, [tiles, labels]. */
  readonly thoughts: Float32Array;
}

/** Run one phase of transfer learning: open what lies behind the cut, fit it, hand back its weights. */
export async function runPhase(request: PhaseRequest, log: TrainLog): Promise<PhaseResult> {
  const { plan, known, backend, head, size, features, cut, frozen, phase, checkpoints, stop } = request;
  const { shape } = features.layout;
  const isSmall = shape[cut === 'embedding' ? 'embedding' : 'cut'] < WORTH_SHARING;
  const task = {
    backend,
    backbone: known.backbone,
    head,
    size,
    cut,
    frozen,
    features: features.layout,
    focalGamma: plan.focalGamma,
  };
  const workers = isSmall ? 1 : request.workers;
  const epochsBefore = phase.name === 'features' ? 0 : plan.features.epochs;
  const crew = await Crew.start(task, { workers, start: request.start });
  try {
    const saved = await checkpoints.load(phase.name);
    if (saved !== null) log.step('resume', `${phase.name} goes on after step ${saved.step}`);
    const tellTime = expectTime({ backend, workers, say: (words) => log.step(phase.name, words) });
    const options: FitOptions = {
      ...plan,
      phase,
      head,
      backbone: known.backbone,
      map: mapSizeOf({ backbone: known.backbone, size, cut }),
      beforeEpoch: async (epoch) => features.draw?.(epochsBefore + epoch),
      onStep: (done, total) => {
        log.progress({ step: phase.name, done, total });
        if (!isSmall) tellTime(done, total);
      },
      onEpoch: ({ epoch, epochs, loss, validation }) =>
        log.epoch({ phase: phase.name, epoch, epochs, loss, validation }),
      saved,
      onState: (state) => checkpoints.save(phase.name, state),
      isStopAsked: () => stop.isAsked,
    };
    const fitted = await stop.whileLearning(() => fit(crew, features, options));
    if (phase.epochs > 0) log.kept({ phase: phase.name, ...keptOf(fitted, phase) });
    log.step(phase.name, describe(fitted, phase, crew));
    const { pictures: judged } = await judgeHeldOut(crew, request.judge, head);
    const thoughts = await crew.predict(request.ask.map(({ plain }) => plain));
    return { ...fitted, judged, thoughts };
  } finally {
    await crew.stop();
  }
}

function describe(fitted: Fitted, phase: Phase, crew: Crew): string {
  const { validation, ran } = fitted;
  const { name, epochs } = phase;
  if (epochs === 0) return 'no epochs planned: the weights stay as they were';
  const figures = `validation AUROC ${validation.auroc.toFixed(4)}, loss ${validation.loss.toFixed(3)}`;
  const first = crew.parameters.find(({ isOpen }) => isOpen);
  const opened = `${openLength(crew.parameters).toLocaleString('en')} weights open from ${first?.name}`;
  const early = ran < epochs ? `; ${name} ended after epoch ${ran} of ${epochs}` : '';
  return `${opened}; ${figures}${early}; kept: ${describeKept(keptOf(fitted, phase))}`;
}
