import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fp32Entry, makeArtefact, tinyGraph } from '../../../../test/factories/artefact.js';
import { formatModels } from './format-models.js';

describe('the list of models', () => {
  it('names the precisions that were accepted, not those refused', async () => {
    const graph = tinyGraph(['good', 'defect']);
    const { card } = await makeArtefact({ id: 'm-1', graphs: { fp16: graph } });
    const refused = { precision: 'int8', accepted: false, file: null, reason: 'misses 2, at most 1 allowed' } as const;
    const other = { ...card, id: 'm-2', precisions: [fp32Entry(), refused] };
    const text = formatModels([card, other], []);
    assert.match(text, /^ID .* LABELS +PRECISIONS +TEST AUROC /);
    assert.match(text, /^m-1 .* good defect +fp32,fp16 +1\.0000 /m);
    assert.match(text, /^m-2 .* good defect +fp32 +1\.0000 /m);
  });

  it('tells a model that nothing was doubted of from one of an earlier version, which kept no doubts', async () => {
    const { card } = await makeArtefact({ id: 'm-1', card: { doubts: [] } });
    const text = formatModels([card, { ...card, id: 'm-2', doubts: null }], []);
    const [, ...rows] = text.trimEnd().split('\n');
    const doubts = rows.map((row) => row.split(/ {2,}/).at(-2));
    assert.deepEqual(doubts, ['0', 'not kept']);
  });
});
