import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { classPaths, makeDataDir } from '../../../test/factories/labelled-pictures.js';
import { tempDir } from '../../../test/factories/tools.js';
import { SNAPSHOT_FILE, writeSnapshot } from './snapshot.js';
import { type NamesRequest, prepareDataset, readNames } from './steps/dataset.js';
import { TrainLog } from './train-log.js';

describe('data snapshot', () => {
  const REQUEST = { validationShare: 0.25, testShare: 0.25, seed: 3, leaks: 'refuse', maxPixels: 1e6 } as const;

  const prepare = async (asked: NamesRequest & Pick<typeof REQUEST, 'leaks' | 'maxPixels'>) =>
    prepareDataset({ ...asked, named: await readNames(asked) }, new TrainLog([]));

  async function assertRepeats(data: string, columns: { readonly splitBy?: string } = {}): Promise<void> {
    const out = tempDir();
    const first = await prepare({ ...REQUEST, ...columns, data });
    await writeSnapshot(out, first.split);
    const split = join(out, SNAPSHOT_FILE);
    const again = await prepare({ ...REQUEST, ...columns, data, seed: 9, split });
    assert.deepEqual(again.split, first.split);
    assert.equal(again.fingerprint, first.fingerprint);
  }

  it('is a split that repeats the sides, with the fingerprint of the run', async () => {
    await assertRepeats(await makeDataDir(classPaths({ good: 12, crack: 12 })));
  });

  it('repeats pictures by names as Linux allows them: backslashes, outer blanks, quotes, line breaks', async () => {
    const odd = ['good/lot\\7.png', 'good/a "b", c.png', 'good/two\nlines.png', 'crack/end.png ', 'crack/x\\y\\z.png'];
    await assertRepeats(await makeDataDir([...classPaths({ good: 12, crack: 12 }), ...odd]));
  });

  it('repeats what a table says of the pictures: group, lot, part, class, camera and day', async () => {
    const paths = classPaths({ good: 12, crack: 12 });
    const rowsOf = (column: string) => [
      `path,label,${column},lot,partId,class,camera,timestamp`,
      ...paths.map((path, i) => {
        const [label, day] = [path.split('/')[0], 1 + (i % 3)];
        return `${path},${label},${i % 5 === 0 ? '' : `g ${i % 6}`},L${i % 6},P${i},fine ${label},cam${i % 2},2026-01-0${day}T08:00:00Z`;
      }),
    ];
    const tableOf = (column: string) => makeDataDir(paths, { 'split.csv': `${rowsOf(column).join('\n')}\n` });
    await assertRepeats(await tableOf('shift'));
    await assertRepeats(await tableOf('group'));
    await assertRepeats(await tableOf('shift'), { splitBy: 'lot+day' });
  });
});
