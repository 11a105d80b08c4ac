import { parseSetting, parseTargetFolder } from './option-values.js';
import { REGISTRY } from './shared-options.js';
import { verb } from './verb.js';

export const thresholdCommand = verb(
  'threshold',
  'move the operating point of a trained model without training: show it, or make the model that has it',
)
  .requiredOption('--model <dir|id>', 'a trained model: its directory, or its id in the registry')
  .requiredOption('--data <dir>', 'the pictures that it was made with')
  .requiredOption(
    '--set <key=value>',
    'the wish as in a plan, repeatable: --set operatingPoint.missAtMost=0.02',
    parseSetting,
  )
  .option('--out <dir>', 'make the model there and put it into the registry; default only show', parseTargetFolder)
  .addOption(REGISTRY)
  .action(async (options) => {
    const [{ moveThreshold }, { findModel }, { formatThreshold }, { showEvents }, { registryDir }] = await Promise.all([
      import('../../trainer/src/move-threshold.js'),
      import('./find-model.js'),
      import('./format-threshold.js'),
      import('./show-events.js'),
      import('./registry-dir.js'),
    ]);
    const { model, data, set, out = null } = options;
    const artefact = await findModel(model, options.registry);
    const printer = showEvents();
    const registry = registryDir(options.registry);
    const request = { artefact, data, settings: set, out, registry, sinks: [printer.sink] };
    const moved = await moveThreshold(request).finally(printer.stop);
    process.stdout.write(formatThreshold(artefact.card, moved));
  });
