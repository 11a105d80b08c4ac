import { Command, Option } from 'nest-commander';
import { parseSetting, Verb } from './verb.js';

interface ThresholdOptions {
  readonly model: string;
  readonly data: string;
  readonly set: Record<string, string>;
  readonly out?: string;
  readonly registry?: string;
}

@Command({
  name: 'threshold',
  description: 'move the operating point of a trained model without training: show it, or make the model that has it',
})
export class ThresholdCommand extends Verb {
  override async run(_: string[], options: ThresholdOptions): Promise<void> {
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
  }

  @Option({
    flags: '--model <dir|id>',
    description: 'a trained model: its directory, or its id in the registry',
    required: true,
  })
  model(text: string): string {
    return text;
  }

  @Option({ flags: '--data <dir>', description: 'the pictures that it was made with', required: true })
  data(text: string): string {
    return text;
  }

  @Option({
    flags: '--set <key=value>',
    description: 'the wish as in a plan, repeatable: --set operatingPoint.missAtMost=0.02',
    required: true,
  })
  set(text: string, before?: Record<string, string>): Record<string, string> {
    return parseSetting('--set', text, before);
  }

  @Option({ flags: '--out <dir>', description: 'make the model there and put it into the registry; default only show' })
  out(text: string): string {
    return text;
  }

  @Option({ flags: '--registry <dir>', description: 'where models live; default from the configuration' })
  registry(text: string): string {
    return text;
  }
}
