import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { before, describe, it } from 'node:test';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Place } from '#contracts';
import { demandsOf } from '#model/backbones/demand';
import { findBackbone } from '#model/backbones/find';
import { chooseBackend } from '#model/backend/choose';
import { buildBase } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import { ELEMENT, OnnxGraph } from '#model/onnx/proto';
import { findRuntimes } from '#model/runtime/find-runtimes';
import { OnnxSession } from '#model/runtime/onnx-session';
import type { OutputTensor } from '#model/runtime/session';
import { foldWeights } from '#model/weights/fold-weights';
import { formulaPicture, formulaTensor } from '#model/weights/formula';
import { fillModel } from '#model/weights/weight-map';
import { redPicture } from '../factories/artefact.js';
import { startTestInspector } from '../factories/inspector.js';
import { connectPlc } from '../factories/plc.js';
import { requireSoftwareGpu } from '../factories/software-gpu.js';
import type { GraphAnswer, GraphOrder } from './graph-process.js';

const gpu = requireSoftwareGpu();
const SIDE = 64;
const PICTURES = 2;
/** ONNX TensorProto.DataType. */
const FLOAT16 = 10;

/** The base of a network with weights by formula, its two outputs named. */
function makeBase(name: string): { base: LayersModel; normalise: { mean: Triple; std: Triple } } {
  const backbone = findBackbone(name);
  const raw = demandsOf(backbone.layers).map(
    (demand) => [demand.name, formulaTensor(demand.name, demand.shape, 1)] as const,
  );
  const base = buildBase(backbone, { height: SIDE, width: SIDE });
  fillModel(base, foldWeights(backbone, new Map(raw)));
  return { base, normalise: backbone.normalise };
}
type Triple = [number, number, number];

async function onWebGpu(order: GraphOrder): Promise<Record<string, OutputTensor>> {
  const answer = await askWebGpu(order);
  assert.ok(!('problem' in answer), JSON.stringify(answer));
  return answer;
}

async function askWebGpu(order: GraphOrder): Promise<GraphAnswer> {
  const child = fork(new URL('./graph-process.js', import.meta.url), { serialization: 'advanced' });
  child.send(order);
  const [answer] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as [GraphAnswer];
  assert.ok(typeof answer === 'object', `the process ended with ${answer}`);
  return answer;
}

/** Largest difference of any output, relative to the largest value of that output. */
async function differenceOf(graph: Uint8Array): Promise<number> {
  const data = Uint8Array.from(Array.from({ length: PICTURES }, () => [...formulaPicture(SIDE)]).flat());
  const batch = { data, count: PICTURES, height: SIDE, width: SIDE };
  const session = await OnnxSession.open(graph);
  const expected = await session.run(batch);
  await session.close();
  const actual = await onWebGpu({ graph, batch });
  const differences = Object.entries(expected).map(([name, { data: values }]) => {
    assert.equal(actual[name]?.data.length, values.length);
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    assert.ok(largest > 0, `${name} is not all zeros`);
    return (
      values.reduce((most, value, i) => Math.max(most, Math.abs(value - (actual[name]?.data[i] ?? Number.NaN))), 0) /
      largest
    );
  });
  return Math.max(...differences);
}

describe('ONNX Runtime on WebGPU, on a GPU made of software', { skip: gpu.skip, timeout: 300_000 }, () => {
  before(async () => {
    Object.assign(process.env, gpu.env);
    await chooseBackend('wasm');
  });

  for (const name of ['efficientnet-b0', 'mobilenet-v2-0.35']) {
    it(`computes ${name} as the CPU does, within 1e-4 of the largest value`, async () => {
      const { base, normalise } = makeBase(name);
      const outputs = [base.layers.at(-2)?.name ?? '', 'embedding'].map((layer) => ({ name: layer, layer }));
      const difference = await differenceOf(exportOnnx({ model: base, normalise, inputName: 'picture', outputs }));
      assert.ok(difference <= 1e-4, `difference ${difference}`);
    });
  }

  it('says that its shaders have no 16-bit floats, and what to set: RUNTIME_MISSING', async () => {
    const graph = new OnnxGraph();
    graph.node('Cast', { inputs: ['pictures'], output: 'half', attributes: { to: FLOAT16 } });
    graph.node('Neg', { inputs: ['half'], output: 'negative' });
    graph.node('Cast', { inputs: ['negative'], output: 'out', attributes: { to: ELEMENT.float32 } });
    const shape = ['n', SIDE, SIDE, 3];
    const bytes = graph.write({
      name: 'half',
      input: { name: 'pictures', element: ELEMENT.uint8, shape },
      outputs: [{ name: 'out', element: ELEMENT.float32, shape }],
      metadata: {},
    });
    const batch = { data: formulaPicture(SIDE), count: 1, height: SIDE, width: SIDE };
    const { problem } = (await askWebGpu({ graph: bytes, batch })) as { problem: string };
    assert.match(problem, /onnx-webgpu cannot be used here: .*f16.*Set inference\.precision to fp32 or auto/);
  });

  it('is READY in an inspector that names it, in one worker, with the verdicts of the CPU', async () => {
    const reds = [60, 120, 126, 132, 200];
    const verdictsIn = async (inference: Partial<Place> & { workers?: null }) => {
      const inspector = await startTestInspector({ broker: 'embedded', over: { inference } });
      const plc = await connectPlc(inspector.brokerUrl, { protocolVersion: 4 });
      await plc.untilReady();
      for (const red of reds) await plc.sendEnvelope(await redPicture(red), { frameId: `red-${red}` });
      await plc.until(() => plc.verdicts.length === reds.length, 'all verdicts');
      const place = plc.states.at(-1)?.place;
      const workers = inspector.workerPids().length;
      await inspector.stop();
      return { place, workers, verdicts: reds.map((red) => plc.verdictOf(`red-${red}`)) };
    };
    const onGpu = await verdictsIn({ runtime: 'onnx-webgpu', workers: null });
    const onCpu = await verdictsIn({ runtime: 'onnx-cpu' });
    assert.deepEqual([onGpu.place, onGpu.workers], [{ runtime: 'onnx-webgpu', precision: 'fp32' }, 1]);
    for (const [i, cpu] of onCpu.verdicts.entries()) {
      const other = onGpu.verdicts[i];
      assert.deepEqual([other?.verdict, other?.defectClass], [cpu.verdict, cpu.defectClass]);
      assert.ok(Math.abs((other?.score ?? Number.NaN) - (cpu.score ?? 0)) <= 1e-4, `${cpu.frameId} ${other?.score}`);
      assert.deepEqual([cpu.model?.runtime, other?.model?.runtime], ['onnx-cpu', 'onnx-webgpu']);
    }
    assert.deepEqual(new Set(onCpu.verdicts.map(({ verdict }) => verdict)), new Set(['PASS', 'INCONCLUSIVE', 'FAIL']));
  });

  it('is never taken by auto: a software adapter is right, but slow', async () => {
    assert.ok(!(await findRuntimes()).includes('onnx-webgpu'));
    const inspector = await startTestInspector({ broker: 'embedded' });
    const plc = await connectPlc(inspector.brokerUrl, { protocolVersion: 4 });
    await plc.untilReady();
    assert.equal(plc.states.at(-1)?.place?.runtime, 'onnx-cpu');
  });
});
