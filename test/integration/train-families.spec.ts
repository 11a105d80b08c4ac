import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import type { TrainEvent } from '#contracts';
import { findBackbone } from '#model/backbones/find';
import { importWeights } from '#model/weights/import-weights';
import { writeSampleDataset } from '../../apps/simulator/src/sample-data.js';
import { readPlan } from '../../apps/trainer/src/plan/read-plan.js';
import { train } from '../../apps/trainer/src/train.js';
import { formulaCheckpoint } from '../factories/formula-base.js';
import { writeSafetensors } from '../factories/keras-files.js';
import { tempDir } from '../factories/tools.js';

// One member of each family from a file in Keras' names to a certified model. Weights are by formula: nothing was
// learned, so quality is nobody's concern. Gains keep what reaches the head lively. The large ones
// make one small precision each, which takes them longest.
const CASES = [
  { name: 'efficientnet-b0', gain: 1.1, freeze: 230, firstOpen: 'block7a_se_reduce', small: '[fp16, int8]' },
  { name: 'mobilenet-v2-0.35', gain: 1, freeze: 100, firstOpen: 'block_11_depthwise', small: '[fp16, int8]' },
  { name: 'resnet50', gain: 0.35, freeze: 168, firstOpen: 'conv5_block3_2_conv', small: '[int8]' },
  { name: 'vgg16', gain: 1, freeze: 16, firstOpen: 'block5_conv2', small: '[fp16]' },
];

describe('a training on a network of each family', () => {
  const dir = tempDir();
  const data = join(dir, 'data');
  const weightsDir = join(dir, 'weights');

  before(() => writeSampleDataset(data, { seed: 5, count: 60, defectShare: 0.5 }));

  for (const { name, gain, freeze, firstOpen, small } of CASES) {
    it(`leads from a checkpoint of ${name} to a certified model, its first ${freeze} layers frozen`, async () => {
      const file = join(dir, `${name}.safetensors`);
      await writeFile(file, writeSafetensors(formulaCheckpoint(findBackbone(name), gain)));
      const importedTs = new Date().toISOString();
      const { weights } = await importWeights({ file, backbone: name, id: name, dir: weightsDir, importedTs });
      const plan = await readPlan(undefined, {
        weights: name,
        resize: '{ width: 48, height: 32 }',
        'features.epochs': '2',
        'fineTune.freeze': String(freeze),
        'fineTune.epochs': '1',
        'precision.make': small,
        // Nothing was learned, so nothing is worth a second try in int8, nor a disturbed picture.
        'precision.allowance.missed': '60',
        'precision.allowance.overkill': '1',
        'report.robustness': '0',
        backend: 'wasm',
        workers: '1',
      });
      const events: TrainEvent[] = [];
      const card = await train({
        data,
        plan,
        out: join(dir, `out-${name}`),
        registry: null,
        weightsDir,
        cacheDir: join(dir, 'cache'),
        sinks: [(event) => void events.push(event)],
      });
      const said = events.flatMap((event) => (event.event === 'step' && event.step === 'freeze' ? [event.text] : []));
      assert.match(
        said.join(),
        new RegExp(`^${freeze} of .*, ${firstOpen} is the first that learns, [\\d,]+ parameters`),
      );
      assert.deepEqual([card.base.backbone, card.base.sha256], [name, weights.sha256]);
      assert.deepEqual([card.preprocess.resize.width, card.preprocess.resize.height], [48, 32]);
      assert.deepEqual(card.graph.normalise, weights.normalise);
      const certification = card.precisions[0]?.certification;
      assert.ok(certification !== undefined && certification.maxDifference <= 1e-4 && certification.flips === 0);
    });
  }
});
