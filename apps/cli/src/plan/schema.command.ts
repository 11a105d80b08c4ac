import { verb } from '../verb.js';

export const planSchemaCommand = verb('schema', 'print the JSON schema of a plan file').action(async () => {
  const { planSchema } = await import('../../../trainer/src/plan/describe-plan.js');
  process.stdout.write(`${JSON.stringify(planSchema(), null, 2)}\n`);
});
