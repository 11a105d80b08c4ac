import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
// Registers the cpu backend and the chained ops.
import '@tensorflow/tfjs';
import { setBackend, type Tensor, tensor1d, tensor4d, tidy } from '@tensorflow/tfjs-core';
import { input, type LayersModel, layers, model, type SymbolicTensor } from '@tensorflow/tfjs-layers';
import onnxProto from 'onnx-proto';
import type { Normalise } from '../card.js';
import { OnnxSession } from '../runtime/onnx-session.js';
import { type ExportOptions, exportOnnx } from './export.js';

const NORMALISE: Normalise = { mean: [120, 127, 134], std: [128, 120, 64] };
type Build = (picture: SymbolicTensor) => SymbolicTensor;

/** Fixed pseudo-random values, so a failure repeats: the fractional part of a sine. */
function noise(length: number, seed: number): Float32Array {
  return Float32Array.from({ length }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43_758.5453;
    return x - Math.floor(x);
  });
}

function pictures(count: number, height: number, width: number): Uint8Array {
  return Uint8Array.from(noise(count * height * width * 3, 7), (value) => Math.floor(value * 256));
}

/** A model whose weights are all non-trivial, biases as well. */
function modelOf(size: readonly [height: number, width: number], build: Build): LayersModel {
  const picture = input({ name: 'picture', shape: [...size, 3] });
  const built = model({ name: 'net', inputs: picture, outputs: build(picture) });
  for (const [l, layer] of built.layers.entries()) {
    const weights = layer.getWeights().map((weight, w) => {
      const values = noise(weight.size, l * 10 + w).map((value) => value - 0.5);
      return tensorLike(weight, values);
    });
    layer.setWeights(weights);
  }
  return built;
}

function tensorLike(like: Tensor, values: Float32Array): Tensor {
  return tensor4d(values, [1, 1, 1, values.length]).reshape(like.shape);
}

function apply(
  layer: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown },
  ...x: SymbolicTensor[]
): SymbolicTensor {
  const [first, ...others] = x;
  assert.ok(first !== undefined);
  return layer.apply(others.length === 0 ? first : x) as SymbolicTensor;
}

/** Layers one after another. */
const chain =
  (...all: { apply(x: SymbolicTensor | SymbolicTensor[]): unknown }[]): Build =>
  (picture) =>
    all.reduce((x, layer) => apply(layer, x), picture);

function predict(net: LayersModel, data: Uint8Array, shape: [number, number, number]): Float32Array {
  return tidy(() => {
    const normalised = tensor4d(data, [data.length / (shape[0] * shape[1] * 3), ...shape], 'int32')
      .toFloat()
      .sub(tensor1d(NORMALISE.mean))
      .div(tensor1d(NORMALISE.std));
    return (net.predict(normalised) as Tensor).dataSync() as Float32Array;
  });
}

async function runExported(options: ExportOptions, batch: { data: Uint8Array; height: number; width: number }) {
  const session = await OnnxSession.open(exportOnnx(options));
  try {
    return await session.run({ ...batch, count: batch.data.length / (batch.height * batch.width * 3) });
  } finally {
    await session.close();
  }
}

/** Largest difference relative to the largest value, so that deep sums of large numbers are judged alike. */
function assertClose(actual: Float32Array | undefined, expected: Float32Array): void {
  assert.equal(actual?.length, expected.length);
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const worst = expected.reduce((most, value, i) => Math.max(most, Math.abs(value - (actual?.[i] ?? Number.NaN))), 0);
  assert.ok(worst <= 1e-5 * scale, `largest difference ${worst} at scale ${scale}`);
}

async function assertEqualOnBoth(net: LayersModel, [height, width]: readonly [number, number]): Promise<void> {
  const data = pictures(2, height, width);
  const layer = net.outputs[0]?.sourceLayer.name ?? '';
  const outputs = await runExported(
    { model: net, normalise: NORMALISE, inputName: 'input', outputs: [{ name: 'out', layer }] },
    { data, height, width },
  );
  assertClose(outputs['out']?.data, predict(net, data, [height, width, 3]));
  assert.deepEqual(outputs['out']?.dims, [2, ...(net.outputs[0]?.shape.slice(1) ?? [])]);
}

before(async () => {
  await setBackend('cpu');
});

describe('exportOnnx gives the numbers of tfjs for', () => {
  for (const padding of ['same', 'valid'] as const) {
    for (const strides of [1, 2] as const) {
      for (const size of [
        [8, 8],
        [9, 7],
        [10, 9],
      ] as const) {
        for (const kernelSize of [1, 3, 5]) {
          it(`conv ${kernelSize}x${kernelSize} stride ${strides} ${padding} on ${size.join('x')}`, () =>
            assertEqualOnBoth(modelOf(size, chain(layers.conv2d({ filters: 4, kernelSize, strides, padding }))), size));
        }
        it(`depthwise 3x3 stride ${strides} ${padding} on ${size.join('x')}`, () =>
          assertEqualOnBoth(
            modelOf(size, chain(layers.depthwiseConv2d({ kernelSize: 3, strides, padding, depthMultiplier: 2 }))),
            size,
          ));
        it(`max pooling 3x3 stride ${strides} ${padding} on ${size.join('x')}`, () =>
          assertEqualOnBoth(modelOf(size, chain(layers.maxPooling2d({ poolSize: 3, strides, padding }))), size));
      }
    }
  }

  const size = [9, 8] as const;
  const conv = (options: Partial<Parameters<typeof layers.conv2d>[0]> = {}) =>
    layers.conv2d({ filters: 4, kernelSize: 3, padding: 'same', ...options });
  const padThenPool = () => [layers.zeroPadding2d({ padding: 1 }), layers.maxPooling2d({ poolSize: 3, strides: 2 })];
  const cases: Record<string, Build> = {
    'a dilated conv': chain(conv({ dilationRate: 2 })),
    'a conv without bias': chain(conv({ useBias: false })),
    'conv with relu': chain(conv({ activation: 'relu' })),
    'conv with relu6': chain(layers.conv2d({ filters: 4, kernelSize: 5, activation: 'relu6' })),
    'conv with sigmoid': chain(conv({ activation: 'sigmoid' })),
    'conv with swish': chain(conv({ activation: 'swish' as 'relu' })),
    'a swish layer': chain(conv(), layers.activation({ activation: 'swish' as 'relu' })),
    'a sigmoid layer': chain(conv(), layers.activation({ activation: 'sigmoid' })),
    'a ReLU layer': chain(conv(), layers.reLU()),
    'a ReLU6 layer': chain(conv({ kernelSize: 5 }), layers.reLU({ maxValue: 6 })),
    'an Activation layer': chain(conv(), layers.activation({ activation: 'relu6' })),
    'zero padding then a valid conv': chain(
      layers.zeroPadding2d({
        padding: [
          [0, 1],
          [2, 1],
        ],
      }),
      conv({ padding: 'valid', strides: 2 }),
    ),
    'zero padding then a valid depthwise conv': chain(
      layers.zeroPadding2d({ padding: [1, 2] }),
      layers.depthwiseConv2d({ kernelSize: 5, strides: 2 }),
    ),
    'zero padding then a max pooling of values of any sign': chain(conv(), ...padThenPool()),
    'zero padding then a max pooling of values never negative': chain(conv({ activation: 'relu' }), ...padThenPool()),
    'zero padding read twice': (picture) => {
      const x = apply(layers.zeroPadding2d({ padding: 1 }), picture);
      return apply(layers.add(), apply(layers.conv2d({ filters: 3, kernelSize: 1 }), x), x);
    },
    'a sum of three': (picture) =>
      apply(layers.add(), apply(conv(), picture), apply(conv(), picture), apply(conv({ kernelSize: 1 }), picture)),
    'a product of pictures': (picture) => apply(layers.multiply(), apply(conv(), picture), apply(conv(), picture)),
    'squeeze and excite': (picture) => {
      const x = apply(conv({ activation: 'swish' as 'relu' }), picture);
      const squeezed = apply(
        layers.reshape({ targetShape: [1, 1, 4] }),
        apply(layers.globalAveragePooling2d({ name: 'squeeze' }), x),
      );
      const narrow = layers.conv2d({ filters: 2, kernelSize: 1, activation: 'swish' as 'relu' });
      const gate = layers.conv2d({ filters: 4, kernelSize: 1, activation: 'sigmoid' });
      return apply(layers.multiply(), x, apply(gate, apply(narrow, squeezed)));
    },
    'global max pooling': chain(conv(), layers.globalMaxPooling2d({})),
    'both poolings end to end': (picture) => {
      const x = apply(conv(), picture);
      const parts = [apply(layers.globalAveragePooling2d({}), x), apply(layers.globalMaxPooling2d({}), x)];
      return apply(layers.concatenate(), ...parts);
    },
    'pictures joined by channels': (picture) => apply(layers.concatenate(), apply(conv(), picture), picture),
    'global average pooling': chain(layers.globalAveragePooling2d({})),
    'a head with dropout': chain(
      layers.globalAveragePooling2d({}),
      layers.dense({ units: 5, activation: 'relu' }),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3, activation: 'softmax' }),
    ),
    'a separate softmax': chain(layers.flatten(), layers.dense({ units: 3, useBias: false }), layers.softmax()),
    'softmax over the channels of a picture': chain(layers.activation({ activation: 'softmax' })),
    'flatten in the order of Keras': chain(conv(), layers.flatten()),
    'reshape from a vector to a picture': chain(
      layers.flatten(),
      layers.reshape({ targetShape: [3, 8, 9] }),
      layers.conv2d({ filters: 2, kernelSize: 3 }),
    ),
    'reshape from a picture to a picture': chain(layers.reshape({ targetShape: [4, 6, 9] })),
  };
  for (const [name, build] of Object.entries(cases)) {
    it(name, () => assertEqualOnBoth(modelOf(size, build), size));
  }
});

describe('exportOnnx', () => {
  const size = [8, 8] as const;

  function residual(): LayersModel {
    return modelOf(size, (picture) => {
      const stem = apply(layers.conv2d({ name: 'stem', filters: 4, kernelSize: 3, padding: 'same' }), picture);
      const next = apply(layers.conv2d({ name: 'next', filters: 4, kernelSize: 1, activation: 'relu6' }), stem);
      const sum = apply(layers.add({ name: 'sum' }), stem, next);
      const pooled = apply(layers.globalAveragePooling2d({ name: 'embedding' }), sum);
      return apply(layers.dense({ name: 'probabilities', units: 2, activation: 'softmax' }), pooled);
    });
  }

  const outputs = [
    { name: 'probabilities', layer: 'probabilities' },
    { name: 'embedding', layer: 'embedding' },
    { name: 'featureMap', layer: 'sum' },
  ];

  it('gives named taps, feature maps as n, h, w, c', async () => {
    const net = residual();
    const data = pictures(3, 8, 8);
    const taps = await runExported(
      { model: net, normalise: NORMALISE, inputName: 'input', outputs },
      { data, height: 8, width: 8 },
    );
    assert.deepEqual(Object.keys(taps), ['probabilities', 'embedding', 'featureMap']);
    assert.deepEqual(taps['featureMap']?.dims, [3, 8, 8, 4]);
    for (const { name, layer } of outputs) {
      const part = model({ inputs: net.inputs, outputs: net.getLayer(layer).output as SymbolicTensor });
      assertClose(taps[name]?.data, predict(part, data, [8, 8, 3]));
    }
  });

  it('gives one layer under two names', async () => {
    const net = residual();
    const taps = await runExported(
      {
        model: net,
        normalise: NORMALISE,
        inputName: 'input',
        outputs: [
          { name: 'a', layer: 'embedding' },
          { name: 'b', layer: 'embedding' },
        ],
      },
      { data: pictures(1, 8, 8), height: 8, width: 8 },
    );
    assert.deepEqual(taps['a']?.data, taps['b']?.data);
  });

  it('writes a model cut out of a larger one', async () => {
    const net = residual();
    const part = model({ name: 'frozen', inputs: net.inputs, outputs: net.getLayer('stem').output as SymbolicTensor });
    await assertEqualOnBoth(part, size);
  });

  it('takes any batch size', async () => {
    const net = residual();
    const session = await OnnxSession.open(
      exportOnnx({ model: net, normalise: NORMALISE, inputName: 'input', outputs }),
    );
    const data = pictures(5, 8, 8);
    const together = await session.run({ data, count: 5, height: 8, width: 8 });
    for (let i = 0; i < 5; i++) {
      const one = await session.run({ data: data.subarray(i * 192, (i + 1) * 192), count: 1, height: 8, width: 8 });
      assertClose(one['embedding']?.data, together['embedding']?.data.slice(i * 4, i * 4 + 4) ?? new Float32Array());
    }
    await session.close();
  });

  it('gives equal bytes for equal weights, with producer, names and metadata', () => {
    const options = { normalise: NORMALISE, inputName: 'input', outputs, metadata: { id: 'm1' } };
    const [first, second] = [
      exportOnnx({ ...options, model: residual() }),
      exportOnnx({ ...options, model: residual() }),
    ];
    assert.deepEqual(first, second);
    const decoded = onnxProto.onnx.ModelProto.decode(first);
    assert.equal(decoded.producerName, 'lineside');
    assert.deepEqual(
      decoded.graph?.output?.map(({ name }) => name),
      ['probabilities', 'embedding', 'featureMap'],
    );
    assert.equal(decoded.graph?.input?.[0]?.name, 'input');
    assert.equal(decoded.metadataProps[0]?.value, 'm1');
  });

  it('lets convolutions and poolings pad by themselves', () => {
    const net = modelOf(
      size,
      chain(
        layers.zeroPadding2d({ padding: 1 }),
        layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
        layers.zeroPadding2d({ padding: 1 }),
        layers.maxPooling2d({ name: 'pool', poolSize: 3, strides: 2 }),
      ),
    );
    const graph = exportOnnx({
      model: net,
      normalise: NORMALISE,
      inputName: 'in',
      outputs: [{ name: 'out', layer: 'pool' }],
    });
    const { graph: decoded } = onnxProto.onnx.ModelProto.decode(graph);
    assert.deepEqual(
      decoded?.node?.map(({ opType }) => opType),
      ['Transpose', 'Cast', 'Sub', 'Div', 'Conv', 'Relu', 'MaxPool', 'Transpose'],
    );
  });

  const refusals: Record<string, [build: Build, message: RegExp]> = {
    'a layer it does not know': [chain(layers.upSampling2d({})), /is a UpSampling2D, expected one of Conv2D/],
    'a norm, which is folded where weights are read': [chain(layers.batchNormalization({})), /is a BatchNormalization/],
    'a ReLU with another cap': [chain(layers.reLU({ maxValue: 4 })), /capped at 4/],
    'an activation without a form': [chain(layers.activation({ activation: 'selu' })), /activation/],
    'channels first': [chain(layers.maxPooling2d({ poolSize: 2, dataFormat: 'channelsFirst' })), /dataFormat/],
    'dense over a picture': [chain(layers.dense({ units: 2 })), /pool or flatten first/],
    'a reshape to a table': [chain(layers.reshape({ targetShape: [8, 24] })), /neither picture nor vector/],
    'a product of a picture and a vector': [
      (picture) => apply(layers.multiply(), picture, apply(layers.globalAveragePooling2d({}), picture)),
      /joins \[8, 8, 3\] and \[3\]/,
    ],
    'a layer used twice': [
      (picture) => {
        const shared = layers.conv2d({ filters: 3, kernelSize: 1 });
        return apply(shared, apply(shared, picture));
      },
      /used more than once/,
    ],
    'a model inside the model': [
      (picture) => apply(modelOf(size, chain(layers.conv2d({ filters: 3, kernelSize: 1 }))), picture),
      /model inside the model/,
    ],
  };
  for (const [name, [build, message]] of Object.entries(refusals)) {
    it(`refuses ${name}`, () => {
      const net = modelOf(size, build);
      const layer = net.outputs[0]?.sourceLayer.name ?? '';
      assert.throws(
        () => exportOnnx({ model: net, normalise: NORMALISE, inputName: 'input', outputs: [{ name: 'out', layer }] }),
        { code: 'EXPORT_LAYER', message },
      );
    });
  }

  it('refuses inputs that are not one picture', () => {
    const vector = input({ shape: [5] });
    const net = model({ inputs: vector, outputs: apply(layers.dense({ name: 'd', units: 2 }), vector) });
    assert.throws(
      () => exportOnnx({ model: net, normalise: NORMALISE, inputName: 'in', outputs: [{ name: 'out', layer: 'd' }] }),
      { code: 'EXPORT_INPUT', message: /expected one picture input/ },
    );
  });

  it('refuses free sizes, whose padding is unknown', () => {
    const picture = input({ shape: [null, null, 3] });
    const conv = apply(layers.conv2d({ name: 'c', filters: 2, kernelSize: 3 }), picture);
    const net = model({ inputs: picture, outputs: conv });
    assert.throws(
      () => exportOnnx({ model: net, normalise: NORMALISE, inputName: 'in', outputs: [{ name: 'out', layer: 'c' }] }),
      { code: 'EXPORT_LAYER', message: /free size/ },
    );
  });

  it('refuses outputs that do not exist, no outputs and a name taken twice', () => {
    const net = residual();
    const bad = [
      [{ name: 'x', layer: 'nowhere' }],
      [],
      [outputs[0], outputs[0]],
      [{ name: 'input', layer: 'sum' }],
    ] as ExportOptions['outputs'][];
    for (const wrong of bad) {
      assert.throws(() => exportOnnx({ model: net, normalise: NORMALISE, inputName: 'input', outputs: wrong }), {
        code: 'EXPORT_OUTPUT',
      });
    }
  });
});
