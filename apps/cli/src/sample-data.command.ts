import { parseCount, parseShare } from './option-values.js';
import { verb } from './verb.js';

export const sampleDataCommand = verb('sample-data', 'draw a labelled data set of chip resistors on a carrier tape')
  .requiredOption('--out <dir>', 'a folder that is not there yet')
  .option('--count <n>', 'pictures', parseCount, 800)
  .option('--seed <n>', 'which pictures', parseCount, 1)
  .option('--defect-share <share>', 'share of defective parts, 0 to 1', parseShare, 0.5)
  .action(async ({ out, count, seed, defectShare }) => {
    const [{ writeSampleDataset }, { showProgress }] = await Promise.all([
      import('../../simulator/src/sample-data.js'),
      import('./show-progress.js'),
    ]);
    const progress = showProgress('sample data');
    await writeSampleDataset(out, {
      ...{ seed, count, defectShare },
      onProgress: progress.update,
    }).finally(progress.stop);
    process.stdout.write(`${count} pictures in ${out}, labelled in ${out}/split.csv\n`);
  });
