import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { defineBackbone } from '#model/backbones/backbone';
import { findBackbone } from '#model/backbones/find';
import { Sketch } from '#model/backbones/sketch';
import { OnnxSession } from '#model/runtime/onnx-session';
import { formulaPicture } from '#model/weights/formula';
import { makeModel } from './make-model.js';

const lite0 = findBackbone('efficientnet-lite0');

const SIDE = 32;
const sketch = new Sketch();
sketch.input();
sketch.conv('stem', { filters: 8, kernel: 3 });
sketch.norm('bn', 8);
const tiny = defineBackbone({ ...lite0, name: 'tiny', inputSize: SIDE, layers: sketch.layers });

describe('a model to time', () => {
  let dir: string;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'lineside-make-model-'));
  });
  after(() => rm(dir, { recursive: true, force: true }));

  it('has graphs of all precisions that score alike', async () => {
    const { graphFiles } = await makeModel(tiny, { dir: join(dir, 'all'), precisions: ['fp32', 'fp16', 'int8'] });
    const scores: number[] = [];
    for (const file of [graphFiles.fp32, graphFiles.fp16, graphFiles.int8]) {
      assert.ok(file);
      const session = await OnnxSession.open(file, { outputs: ['probabilities'] });
      const seen = await session.run({ data: formulaPicture(SIDE), count: 1, height: SIDE, width: SIDE });
      await session.close();
      scores.push(seen['probabilities']?.data[0] ?? Number.NaN);
    }
    const [fp32 = Number.NaN, fp16, int8] = scores;
    assert.ok(fp32 > 0.01 && fp32 < 0.99, `fp32 scores ${fp32}`);
    for (const score of [fp16, int8]) assert.ok(Math.abs((score ?? Number.NaN) - fp32) < 0.03, scores.join(', '));
    assert.match(await readFile(graphFiles.int8 ?? '', 'latin1'), /QuantizeLinear/);
  });

  it('has only the graphs that are asked for', async () => {
    const own = join(dir, 'int8');
    const { graphFiles } = await makeModel(tiny, { dir: own, precisions: ['int8'] });
    assert.deepEqual(Object.keys(graphFiles), ['int8']);
    assert.deepEqual((await readdir(own)).sort(), ['model.int8.onnx', 'tfjs']);
  });
});
