import { parseCount, parseShare, parseTargetFolder } from './option-values.js';
import { verb } from './verb.js';

export const sampleDataCommand = verb('sample-data', 'draw a labelled data set of chip resistors on a carrier tape')
  .requiredOption('--out <dir>', 'a folder that is not there yet', parseTargetFolder)
  .option('--count <n>', 'pictures', parseCount, 800)
  .option('--seed <n>', 'which pictures', parseCount, 1)
  .option('--defect-share <share>', 'share of defective parts, 0 to 1', parseShare, 0.5)
  .action(async ({ out, count, seed, defectShare }) => {
    const [{ ENOUGH_FOR_SIDES, writeSampleDataset }, { showProgress }] = await Promise.all([
      import('../../simulator/src/sample-data.js'),
      import('./show-progress.js'),
    ]);
    const progress = showProgress('sample data');
    const sides = await writeSampleDataset(out, {
      ...{ seed, count, defectShare },
      onProgress: progress.update,
    }).finally(progress.stop);
    const counts = Object.entries(sides).map(([side, pictures]) => `${pictures} ${side}`);
    process.stdout.write(`${count} pictures in ${out}, labelled in ${out}/split.csv: ${counts.join(', ')}\n`);
    const empty = Object.entries(sides).flatMap(([side, pictures]) => (pictures === 0 ? [side] : []));
    if (empty.length > 0)
      process.stderr.write(
        `No pictures for ${empty.join(' and ')}: a lot stays on one side. From --count ${ENOUGH_FOR_SIDES} on every side has some.\n`,
      );
  });
