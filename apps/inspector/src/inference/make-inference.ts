import type { InspectorConfig } from '#config';
import type { Reporter } from '../health/reporter.js';
import type { Recipes } from '../recipes.js';
import { RuntimeChooser } from './choose-runtime.js';
import { Crew } from './crew.js';
import { FrozenCameras } from './frozen-cameras.js';
import { Inference } from './inference.js';
import { Lineup } from './lineup.js';
import { RegistrySource } from './registry-source.js';

export interface MakeInferenceOptions {
  readonly config: Pick<InspectorConfig, 'inspector' | 'registry' | 'inference' | 'queue'>;
  readonly recipes: Pick<Recipes, 'names' | 'frozenAfter' | 'roiOf'>;
  readonly reporter: Pick<Reporter, 'model' | 'runtimeChosen' | 'runtimeForgotten' | 'workerLost'>;
  /** Models or workers came or went. */
  readonly onChange: () => void;
}

/** What inspects pictures, joined and not yet started: the registry's models, where each computes, and the queue before them. */
export function makeInference({ config, recipes, reporter, onChange }: MakeInferenceOptions): {
  readonly lineup: Lineup;
  readonly inference: Inference;
} {
  const source = new RegistrySource(config.registry.dir, config.registry.challenger);
  const { runtime, precision, ...limits } = config.inference;
  const runtimes = new RuntimeChooser({
    wanted: { runtime, precision },
    maxPixels: limits.maxPixels,
    dir: config.inspector.dataDir,
    onForgetful: (message) => reporter.runtimeForgotten(message),
  });
  const lineup = new Lineup({
    source,
    recipes: recipes.names,
    pollMs: config.registry.pollMs,
    makeCrew: ({ modelId, cardSha256 }) =>
      new Crew({
        ...limits,
        modelId,
        cardSha256,
        modelDir: source.path(modelId),
        runtimes,
        onChosen: (choice) => reporter.runtimeChosen(modelId, choice),
        onWorkerLost: (error) => reporter.workerLost(error),
        onChange: () => handOut(),
      }),
    onChange: (news) => {
      reporter.model(news);
      handOut();
    },
  });
  const frozen = new FrozenCameras((camera) => recipes.frozenAfter(camera));
  const inference = new Inference({ lineup, limits: config.queue, batch: limits.batch, recipes, frozen });
  const handOut = (): void => {
    inference.pump();
    onChange();
  };
  return { lineup, inference };
}
