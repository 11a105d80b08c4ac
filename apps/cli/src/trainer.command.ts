import { Command, Option } from 'nest-commander';
import { Verb } from './verb.js';

@Command({ name: 'trainer', description: 'run the trainer: training jobs and models over HTTP, until SIGTERM' })
export class TrainerCommand extends Verb {
  override async run(_: string[], options: { readonly config?: string }): Promise<void> {
    const { runTrainer } = await import('../../trainer/src/main.js');
    await runTrainer(options);
  }

  @Option({
    flags: '--config <file>',
    description: 'YAML, see config/trainer.example.yaml; default: this machine alone',
  })
  config(text: string): string {
    return text;
  }
}
