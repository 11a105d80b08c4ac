import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { model } from '@tensorflow/tfjs-layers';
import onnxProto from 'onnx-proto';
import { layerAtCut } from '#model/backbones/backbone';
import { findBackbone } from '#model/backbones/find';
import { chooseBackend } from '#model/backend/choose';
import { buildBase } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { OnnxSession } from '#model/runtime/onnx-session';
import { formulaPicture } from '#model/weights/formula';
import { fillModel } from '#model/weights/weight-map';
import { assertClose } from '../factories/assert-close.js';
import { formulaBase } from '../factories/formula-base.js';

// One member of each family in each construction; gains keep the deep ones' values of a sane size.
const CASES = [
  { name: 'efficientnet-lite1', variant: 'tensorflow', gain: 1 },
  { name: 'efficientnet-b0', variant: 'keras', gain: 1.1 },
  { name: 'efficientnet-b0', variant: 'torchvision', gain: 1.1 },
  { name: 'mobilenet-v2-0.5', variant: 'keras', gain: 1 },
  { name: 'mobilenet-v2-0.5', variant: 'torchvision', gain: 1 },
  { name: 'resnet50', variant: 'keras', gain: 0.7 },
  { name: 'resnet50', variant: 'torchvision', gain: 0.7 },
  { name: 'vgg16', variant: 'keras', gain: 1 },
];
const SIDE = 75;

describe('a network exported to ONNX', () => {
  before(() => chooseBackend('wasm'));

  for (const { name, variant, gain } of CASES) {
    it(`equals the layers model: ${name} (${variant}), within 1e-4 of the largest value, and pads inside its windows`, async () => {
      const backbone = findBackbone(name, variant);
      const base = buildBase(backbone, { height: SIDE, width: SIDE });
      fillModel(base, formulaBase(backbone, gain));
      const taps = [layerAtCut(backbone, 2), backbone.featureMap, 'embedding'];
      const tapped = model({ inputs: base.inputs, outputs: taps.flatMap((layer) => base.getLayer(layer).output) });
      const { normalise } = backbone;
      const outputs = taps.map((layer) => ({ name: layer, layer }));
      const graph = exportOnnx({ model: tapped, normalise, inputName: 'picture', outputs });
      const data = formulaPicture(SIDE);
      const expected = tidy(() => {
        const input = tensor4d(data, [1, SIDE, SIDE, 3], 'int32').toFloat().sub(normalise.mean).div(normalise.std);
        return (tapped.predict(input) as Tensor[]).map((tap) => tap.dataSync<'float32'>().slice());
      });
      tapped.dispose();

      const session = await OnnxSession.open(graph);
      const actual = await session.run({ data, count: 1, height: SIDE, width: SIDE }).finally(() => session.close());
      for (const [i, layer] of taps.entries()) assertClose(layer, actual[layer]?.data, expected[i]);
      const operators = onnxProto.onnx.ModelProto.decode(graph).graph?.node?.map(({ opType }) => opType);
      assert.ok(operators?.includes('Conv') && !operators.includes('Pad'));
    });
  }
});
