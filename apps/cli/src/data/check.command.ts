import { join } from 'node:path';
import { RefusedError } from '#contracts';
import { parseTargetFolder } from '../option-values.js';
import { learnVerb } from '../plan-verb.js';

export const checkDataCommand = learnVerb(
  'check',
  'look for copies, leaks, odd and mislabelled pictures, and show them on one page',
)
  .requiredOption('--out <dir>', 'where index.html and check.json go', parseTargetFolder)
  .option('--scores <file.csv>', 'path,label,score,fold of a k-fold training; default own probes')
  .action(async (options) => {
    const [
      { checkData },
      { describeTrust, nameSuspects },
      { whyRefused },
      { readPlan },
      { loadTrainerConfig },
      { counted },
      { weightsDir },
      { showEvents },
      { TrainLog },
    ] = await Promise.all([
      import('../../../trainer/src/check/check-data.js'),
      import('../../../trainer/src/check/suspects.js'),
      import('../../../trainer/src/check/why-refused.js'),
      import('../../../trainer/src/plan/read-plan.js'),
      import('#config'),
      import('#model/counted'),
      import('../weights/weights-dir.js'),
      import('../show-events.js'),
      import('../../../trainer/src/train-log.js'),
    ]);
    const plan = await readPlan(options.plan, options.set);
    const printer = showEvents();
    const check = await checkData(
      {
        ...options,
        plan,
        scores: options.scores ?? null,
        cacheDir: options.cache ?? loadTrainerConfig().trainer.cacheDir,
        weightsDir: weightsDir(options.weightsDir),
      },
      new TrainLog([printer.sink]),
    ).finally(printer.stop);
    const { unreadable, leaks, conflicts, suspects, agreement, outliers, copies, pictures, shortcuts } = check;
    const trust = agreement === null ? '' : ` by a model that ${describeTrust(agreement)}`;
    process.stdout.write(
      `${counted(pictures, 'picture')}: ${unreadable.length} not readable, ${counted(leaks.length, 'pair')} on two sides, ${counted(conflicts.length, 'pair')} under two labels, ${suspects.length} ${nameSuspects(agreement)}${trust}, ${outliers.length} unusual, ${counted(copies.length, 'copy', 'copies')}\n${join(options.out, 'index.html')} shows them\n`,
    );
    for (const words of shortcuts) process.stdout.write(`doubt: ${words}\n`);
    const why = whyRefused(check, plan);
    if (why !== null) {
      throw new RefusedError(
        'DATA_REFUSED',
        `Training would refuse this data: ${why}. ${join(options.out, 'index.html')} shows the pictures.`,
      );
    }
  });
