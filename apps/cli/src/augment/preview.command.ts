import { Option, SubCommand } from 'nest-commander';
import { parseCount } from '../line-options.js';
import { type PlanOptions, PlanVerb } from '../plan-verb.js';

interface PreviewOptions extends PlanOptions {
  readonly out: string;
  readonly count?: number;
}

@SubCommand({
  name: 'preview',
  description: 'draw training pictures with all their variants as one sheet, as training will see them',
})
export class PreviewAugmentCommand extends PlanVerb {
  override async run(_: string[], options: PreviewOptions): Promise<void> {
    const [{ writeContactSheet }, { readPlan }, { weightsDir }] = await Promise.all([
      import('../../../trainer/src/augment/contact-sheet.js'),
      import('../../../trainer/src/plan/read-plan.js'),
      import('../weights/weights-dir.js'),
    ]);
    const { pictures, variants, width, height } = await writeContactSheet({
      data: options.data,
      split: options.split,
      good: options.good,
      groupColumn: options.group,
      plan: await readPlan(options.plan, options.set),
      out: options.out,
      count: options.count ?? 8,
      weightsDir: weightsDir(options.weightsDir),
    });
    process.stdout.write(
      `${pictures} training pictures in ${variants} variants each: ${options.out}, ${width} x ${height}\n`,
    );
  }

  @Option({ flags: '--out <file>', description: 'a .webp, .png or .jpg file', required: true })
  out(text: string): string {
    return text;
  }

  @Option({ flags: '--count <n>', description: 'training pictures on the sheet; default 8' })
  count(text: string): number {
    return parseCount('--count', text);
  }
}
