import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import onnxProto from 'onnx-proto';
import { OnnxSession } from '#model/runtime/onnx-session';
import { formulaPicture } from '#model/weights/formula';
import { BUILT_IN_WEIGHTS, LITE0_WEIGHTS } from '#model/weights/record';
import { tempDir } from '../../../../test/factories/tools.js';
import { exportBase } from './export-base.js';
import { describeNetworks, formatNetworks } from './format-networks.js';

describe('weights list', () => {
  const networks = describeNetworks(BUILT_IN_WEIGHTS);

  it('has a line for every network, with its figures and the weights at hand', () => {
    const lines = formatNetworks(networks).split('\n');
    const lite0 = lines.find((line) => line.startsWith('efficientnet-lite0 '));
    assert.match(
      lite0 ?? '',
      /224 +3\.41 +383\.91 +1280 +Apache-2\.0 +arXiv:1905\.11946 +efficientnet-lite0-imagenet$/,
    );
    assert.match(lines.find((line) => line.startsWith('resnet50 ')) ?? '', /23\.59 .* 2048 +MIT .* -$/);
    assert.match(
      lines.find((line) => line.startsWith(LITE0_WEIGHTS.id)) ?? '',
      /tensorflow +Apache-2\.0 +b3326ea70fc3/,
    );
  });

  it('tells a program the same', () => {
    const lite0 = networks.find(({ name }) => name === 'efficientnet-lite0');
    assert.equal(lite0?.parameters, 3_413_024);
    assert.deepEqual(
      lite0?.weights.map(({ id }) => id),
      [LITE0_WEIGHTS.id],
    );
  });
});

describe('weights export', () => {
  const request = () => {
    const dir = tempDir();
    return { backbone: 'mobilenet-v2-0.35', onnx: join(dir, 'deep', 'base.onnx'), size: 64, dir: join(dir, 'store') };
  };

  it('writes a graph that takes pictures and gives map and embedding, and says what its weights are', async () => {
    const asked = request();
    assert.match(await exportBase(asked), /mobilenet-v2-0\.35 \(keras\) at 64x64.*nothing was learned/);
    const graph = readFileSync(asked.onnx);
    const { metadataProps } = onnxProto.onnx.ModelProto.decode(graph);
    const metadata = Object.fromEntries(metadataProps.map(({ key, value }) => [key, value]));
    assert.match(metadata['weights'] ?? '', /formula.*gain 1/);
    assert.equal(metadata['variant'], 'keras');
    const session = await OnnxSession.open(graph);
    const outputs = await session
      .run({ data: formulaPicture(64), count: 1, height: 64, width: 64 })
      .finally(() => session.close());
    const shapes = Object.entries(outputs).map(([name, { dims }]) => [name, [...dims].join('x')]);
    assert.deepEqual(Object.fromEntries(shapes), { Conv_1: '1x2x2x1280', embedding: '1x1280' });
  });

  it('takes stored weights, and only for their own network', async () => {
    const asked = { ...request(), weights: LITE0_WEIGHTS.id };
    assert.match(await exportBase({ ...asked, backbone: 'efficientnet-lite0' }), /efficientnet-lite0-imagenet.*sha256/);
    await assert.rejects(exportBase(asked), { code: 'USAGE', message: /are of efficientnet-lite0/ });
    const other = { ...asked, backbone: 'efficientnet-lite0', variant: 'timm-tf' };
    await assert.rejects(exportBase(other), { code: 'USAGE', message: /not of efficientnet-lite0 \(timm-tf\)/ });
    await assert.rejects(exportBase({ ...asked, weights: 'plant' }), { code: 'WEIGHTS_UNKNOWN' });
  });

  it('refuses sizes that are none, and places it cannot write to', async () => {
    for (const size of [64.5, 5000]) await assert.rejects(exportBase({ ...request(), size }), { code: 'USAGE' });
    await assert.rejects(exportBase({ ...request(), size: 8 }), { code: 'BACKBONE_SIZE' });
    const asked = request();
    mkdirSync(asked.onnx, { recursive: true });
    await assert.rejects(exportBase(asked), { code: 'EXPORT_FAILED' });
  });
});
