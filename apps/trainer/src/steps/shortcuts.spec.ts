import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Sample } from '#model/dataset/sample';
import { describeShortcuts } from './shortcuts.js';

/** Pictures of a kind, each with what `own` gives the one of this number. */
function pictures(label: string, count: number, own: (i: number) => Partial<Sample> = () => ({})): Sample[] {
  return Array.from({ length: count }, (_, i) => {
    const path = `${label}/${i}.png`;
    return { path, file: path, label, split: null, group: null, lot: null, part: null, ...own(i) };
  });
}

function saved(width: number, format: string): Partial<Sample> {
  return { look: { width, height: 200, format, peak: null, exposure: 128, contrast: 40, sharpness: 90 } };
}

const PNG = saved(200, 'png srgb 8 bit');

describe('a doubt about what tells defects without a look at the part', () => {
  it('names the camera that nearly all defects come from and hardly a good picture does', () => {
    assert.deepEqual(
      describeShortcuts([
        ...pictures('good', 20, (i) => ({ camera: i < 1 ? 'cam2' : 'cam1' })),
        ...pictures('scratch', 6, () => ({ camera: 'cam2' })),
        ...pictures('dent', 4, (i) => ({ camera: i < 3 ? 'cam2' : 'cam1' })),
      ]),
      [
        'camera alone tells defects from good pictures: 9 of 10 defects are of cam2, and 1 of 20 good ones. A network may learn that instead of the defect, and figures on such pictures do not show it: add defects and good pictures that are alike in it',
      ],
    );
  });

  it('names lots and days, the first few of many', () => {
    const [lot = '', day = '', ...more] = describeShortcuts([
      ...pictures('good', 20, (i) => ({ lot: `L${i % 5}`, day: '2026-11-02' })),
      ...pictures('defect', 20, (i) => ({ lot: `L${10 + (i % 5)}`, day: '2026-11-03' })),
    ]);
    assert.match(lot, /^lot alone tells .*: 20 of 20 defects are of L10, L11, L12 and 2 more, and 0 of 20 good ones/);
    assert.match(day, /^day alone tells .*: 20 of 20 defects are of 2026-11-03, and /);
    assert.deepEqual(more, []);
  });

  it('names sizes and formats that pictures of a kind were saved in', () => {
    const good = pictures('good', 8, () => PNG);
    assert.match(
      describeShortcuts([...good, ...pictures('defect', 8, () => saved(300, 'png srgb 8 bit'))]).join('\n'),
      /^size alone tells .*: 8 of 8 defects are of 300x200, and .*$/,
    );
    assert.match(
      describeShortcuts([...good, ...pictures('defect', 8, () => saved(200, 'jpeg srgb 8 bit'))]).join('\n'),
      /^format alone tells .*: 8 of 8 defects are of jpeg srgb 8 bit, and .*$/,
    );
  });

  const quiet: Readonly<Record<string, Sample[]>> = {
    'both kinds come from everywhere': [
      ...pictures('good', 20, (i) => ({ lot: `L${i % 4}`, ...PNG })),
      ...pictures('defect', 20, (i) => ({ lot: `L${i % 4}`, ...PNG })),
    ],
    'a third of the defects come from where the good ones do': [
      ...pictures('good', 20, () => ({ lot: 'L1' })),
      ...pictures('defect', 21, (i) => ({ lot: i % 3 === 0 ? 'L1' : 'L2' })),
    ],
    'every picture is of a lot of its own': [
      ...pictures('good', 20, (i) => ({ lot: `G${i}` })),
      ...pictures('defect', 20, (i) => ({ lot: `D${i}` })),
    ],
    'defects are so few that it may be chance': [
      ...pictures('good', 20, () => ({ lot: 'L1' })),
      ...pictures('defect', 4, () => ({ lot: 'L2' })),
    ],
    'nothing is known of them': [...pictures('good', 20), ...pictures('defect', 20)],
  };
  for (const [why, samples] of Object.entries(quiet))
    it(`is not raised where ${why}`, () => assert.deepEqual(describeShortcuts(samples), []));
});
