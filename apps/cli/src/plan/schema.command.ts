import { SubCommand } from 'nest-commander';
import { Verb } from '../verb.js';

@SubCommand({ name: 'schema', description: 'print the JSON schema of a plan file' })
export class PlanSchemaCommand extends Verb {
  override async run(): Promise<void> {
    const { planSchema } = await import('../../../trainer/src/plan/describe-plan.js');
    process.stdout.write(`${JSON.stringify(planSchema(), null, 2)}\n`);
  }
}
