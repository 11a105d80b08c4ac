import { before, describe, it } from 'node:test';
import { type Tensor, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { type LayersModel, model } from '@tensorflow/tfjs-layers';
import { findBackbone } from '#model/backbones/find';
import { chooseBackend } from '#model/backend/choose';
import { buildBase } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { OnnxSession } from '#model/runtime/onnx-session';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { loadWeights } from '#model/weights/store';
import { fillModel } from '#model/weights/weight-map';
import { assertClose } from '../factories/assert-close.js';

const lite0 = findBackbone('efficientnet-lite0');

// The layers whose values efficientnet-lite0.spec.ts compares with the reference implementation.
const DEPTHS = ['stem_conv', 'block7a_project_conv', 'top_conv', 'embedding'];
const { normalise } = lite0;

/** The reference's input (sin(20x) cos(13y) + 1) / 2 as bytes: the graph takes pictures. */
function picture(side: number): Uint8Array {
  return Uint8Array.from({ length: side * side * 3 }, (_, i) => {
    const [x, y] = [(Math.floor(i / 3) % side) / side, Math.floor(i / (3 * side)) / side];
    return Math.round(255 * ((Math.sin(20 * x) * Math.cos(13 * y) + 1) / 2));
  });
}

async function tappedBase(side: number): Promise<LayersModel> {
  const base = buildBase(lite0, { height: side, width: side });
  fillModel(base, await loadWeights(LITE0_WEIGHTS));
  return model({ inputs: base.inputs, outputs: DEPTHS.flatMap((layer) => base.getLayer(layer).output) });
}

describe('EfficientNet-Lite0 exported to ONNX', () => {
  before(() => chooseBackend('wasm'));

  // 224 is what the weights were trained at; 161 has an odd side at every stride-2 layer's input.
  for (const side of [224, 161]) {
    it(`equals the layers model at every tapped depth at ${side}x${side}, within 1e-4 of the largest value`, async () => {
      const taps = await tappedBase(side);
      const graph = exportOnnx({
        model: taps,
        normalise,
        inputName: 'picture',
        outputs: DEPTHS.map((layer) => ({ name: layer, layer })),
      });
      const data = picture(side);
      const expected = tidy(() => {
        const { mean, std } = normalise;
        const input = tensor4d(data, [1, side, side, 3], 'int32').toFloat().sub(mean).div(std);
        return (taps.predict(input) as Tensor[]).map((tap) => tap.dataSync());
      });
      const session = await OnnxSession.open(graph);
      const actual = await session.run({ data, count: 1, height: side, width: side });
      await session.close();
      for (const [i, layer] of DEPTHS.entries()) assertClose(layer, actual[layer]?.data, expected[i]);
    });
  }
});
