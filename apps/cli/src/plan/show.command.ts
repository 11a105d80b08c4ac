import { parseSetting } from '../option-values.js';
import { verb } from '../verb.js';

export const showPlanCommand = verb('show', 'print a whole plan as YAML with the meaning and range of every setting')
  .option('--preset <name>', 'standard, classic, fast or best')
  .option('--plan <file>', 'a plan file to fill up')
  .option('--set <key=value>', 'one choice of the plan, repeatable', parseSetting)
  .action(async ({ preset, plan, set }) => {
    const [{ readPlan }, { describePlan }] = await Promise.all([
      import('../../../trainer/src/plan/read-plan.js'),
      import('../../../trainer/src/plan/describe-plan.js'),
    ]);
    const settings = { ...(preset === undefined ? {} : { preset }), ...set };
    process.stdout.write(describePlan(await readPlan(plan, settings)));
  });
