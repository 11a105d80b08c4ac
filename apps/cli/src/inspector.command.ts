import { Command, Option } from 'nest-commander';
import { Verb } from './verb.js';

@Command({ name: 'inspector', description: 'run the inspector: frames in, verdicts out, live page, until SIGTERM' })
export class InspectorCommand extends Verb {
  override async run(_: string[], options: { readonly config?: string }): Promise<void> {
    const { runInspector } = await import('../../inspector/src/main.js');
    await runInspector(options);
  }

  @Option({
    flags: '--config <file>',
    description: 'YAML, see config/inspector.example.yaml; default: this machine alone',
  })
  config(text: string): string {
    return text;
  }
}
