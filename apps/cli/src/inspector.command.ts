import { verb } from './verb.js';

export const inspectorCommand = verb(
  'inspector',
  'run the inspector: frames in, verdicts out, live page, until SIGTERM',
)
  .option('--config <file>', 'YAML, see config/inspector.example.yaml; default: this machine alone')
  .action(async (options) => {
    const { runInspector } = await import('../../inspector/src/main.js');
    await runInspector(options);
  });
