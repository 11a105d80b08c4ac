import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dataArguments } from './whole-job.js';

describe('the pictures of a job that is timed', () => {
  it('are told to every process as they were asked for, the names of the good class too', () => {
    const data = { data: 'pictures', split: 's.csv', good: ['ok', '-fine'], group: 'lot' };
    assert.deepEqual(dataArguments(data), [
      '--data=pictures',
      '--split=s.csv',
      '--good=ok',
      '--good=-fine',
      '--group=lot',
    ]);
    assert.deepEqual(dataArguments({ data: 'p', split: undefined, good: undefined, group: undefined }), ['--data=p']);
  });
});
