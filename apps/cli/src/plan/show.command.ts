import { Option, SubCommand } from 'nest-commander';
import { parseSetting, Verb } from '../verb.js';

interface ShowOptions {
  readonly preset?: string;
  readonly plan?: string;
  readonly set?: Record<string, string>;
}

@SubCommand({ name: 'show', description: 'print a whole plan as YAML with the meaning and range of every setting' })
export class ShowPlanCommand extends Verb {
  override async run(_: string[], { preset, plan, set }: ShowOptions): Promise<void> {
    const [{ readPlan }, { describePlan }] = await Promise.all([
      import('../../../trainer/src/plan/read-plan.js'),
      import('../../../trainer/src/plan/describe-plan.js'),
    ]);
    const settings = { ...(preset === undefined ? {} : { preset }), ...set };
    process.stdout.write(describePlan(await readPlan(plan, settings)));
  }

  @Option({ flags: '--preset <name>', description: 'standard, classic, fast or best' })
  preset(text: string): string {
    return text;
  }

  @Option({ flags: '--plan <file>', description: 'a plan file to fill up' })
  plan(text: string): string {
    return text;
  }

  @Option({ flags: '--set <key=value>', description: 'one choice of the plan, repeatable' })
  set(text: string, before?: Record<string, string>): Record<string, string> {
    return parseSetting('--set', text, before);
  }
}
