import { parseCount, parseTarget } from '../option-values.js';
import { planVerb } from '../plan-verb.js';

export const previewAugmentCommand = planVerb(
  'preview',
  'draw training pictures with all their variants as one sheet, as training will see them',
)
  .requiredOption('--out <file>', 'a .webp, .png or .jpg file', parseTarget)
  .option('--count <n>', 'training pictures on the sheet', parseCount, 8)
  .action(async (options) => {
    const [{ writeContactSheet }, { readPlan }, { weightsDir }] = await Promise.all([
      import('../../../trainer/src/augment/contact-sheet.js'),
      import('../../../trainer/src/plan/read-plan.js'),
      import('../weights/weights-dir.js'),
    ]);
    const { pictures, variants, width, height } = await writeContactSheet({
      ...options,
      plan: await readPlan(options.plan, options.set),
      weightsDir: weightsDir(options.weightsDir),
    });
    process.stdout.write(
      `${pictures} training pictures in ${variants} variants each: ${options.out}, ${width} x ${height}\n`,
    );
  });
