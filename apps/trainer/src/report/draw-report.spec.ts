import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { makeArtefact, makeFigures } from '../../../../test/factories/artefact.js';
import { drawReport } from './draw-report.js';

describe('the page of a model', () => {
  it('counts one of a kind as one', async () => {
    const { card } = await makeArtefact();
    const page = drawReport({
      card,
      report: {
        ...{ schema: 'lineside.report/1', modelId: card.id, createdTs: '2026-01-01T00:00:00.000Z', subset: 'test' },
        ...{
          leftOut: 0,
          figures: makeFigures({ n: 3, positives: 1, groups: 1 }),
          doubts: { training: null, pictures: [] },
          epochs: [],
          kept: [],
        },
        ...{ robustness: { defects: 1, goods: 2, conditions: [] }, hardest: [] },
      },
      pictures: { defects: [], goods: [] },
    });
    assert.match(page, /3 pictures, held out: 1 defect, 2 good, 1 group\./);
    assert.match(page, /The same 1 defect and 2 good pictures, disturbed/);
    assert.doesNotMatch(page, /\b1 (defects|groups|pictures)\b|[Dd]oubt/);
  });

  it('shows what the training doubted, and which defect is named for which, also one that is never named', async () => {
    const { card } = await makeArtefact();
    const confusion = [
      { label: 'good', PASS: 9, INCONCLUSIVE: 0, FAIL: 1, named: { crack: 1 } },
      { label: 'crack', PASS: 0, INCONCLUSIVE: 0, FAIL: 6, named: { crack: 6 } },
      { label: 'pit', PASS: 0, INCONCLUSIVE: 0, FAIL: 4, named: { crack: 4 } },
    ];
    const pageOf = (labels: string[]) =>
      drawReport({
        card: { ...card, labels },
        report: {
          schema: 'lineside.report/1',
          modelId: card.id,
          createdTs: '2026-01-01T00:00:00.000Z',
          subset: 'test',
          leftOut: 0,
          figures: { ...makeFigures(), confusion },
          doubts: { training: ['8 pictures', 'mirror may not'], pictures: ['2 show what it learnt'] },
          epochs: [],
          kept: [],
          robustness: null,
          hardest: [],
        },
        pictures: { defects: [], goods: [] },
      });
    assert.match(
      pageOf(['good', 'crack']),
      /Doubted by its training<.*<li>8 pictures\.<.*<li>mirror may not\.<.*of these pictures<.*<li>2 show what it learnt\.</s,
    );
    const [, named = ''] = pageOf(['good', 'crack', 'pit']).split('Which defect it names');
    assert.match(named, /<th scope="row">good<\/th><td>1<\/td><td>0<\/td>/);
    assert.match(named, /<th scope="row">crack<\/th><td>6<\/td><td>0<\/td>/);
    assert.match(named, /<th scope="row">pit<\/th><td><span class="bad">4<\/span><\/td><td>0<\/td>/);
    assert.doesNotMatch(pageOf(['good', 'defect']), /Which defect it names/);
  });
});
