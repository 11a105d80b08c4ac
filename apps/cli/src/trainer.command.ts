import { verb } from './verb.js';

export const trainerCommand = verb('trainer', 'run the trainer: training jobs and models over HTTP, until SIGTERM')
  .option('--config <file>', 'YAML, see config/trainer.example.yaml; default: this machine alone')
  .action(async (options) => {
    const { runTrainer } = await import('../../trainer/src/main.js');
    await runTrainer(options);
  });
