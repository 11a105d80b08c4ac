import { InvariantError } from '#contracts/errors';
import { InferenceSession, Tensor } from './onnxruntime.js';
import { sessionOptionsOf } from './providers.js';
import type { PictureBatch } from './session.js';

/** Values between the parts of a graph, by name. */
export type PartValues = Readonly<Record<string, Tensor>>;

/** A piece of a graph on the CPU, from whatever values it reads to whatever values are asked of it. */
export interface GraphPart {
  run(values: PartValues): Promise<PartValues>;
  close(): Promise<void>;
}

/** @param part bytes of an `.onnx` file, inputs and outputs of any number and shape */
export async function openPart(part: Uint8Array, { threads }: { threads: number }): Promise<GraphPart> {
  const options = await sessionOptionsOf(part, { provider: 'cpu', threads, device: 0, engineDir: null });
  const session = await InferenceSession.create(part, options);
  return { run: (values) => session.run(values), close: () => session.release() };
}

/** Pictures as a graph takes them, uint8 [n, h, w, 3]. */
export function pictureTensor({ data, count, height, width }: PictureBatch): Tensor {
  return new Tensor('uint8', data, [count, height, width, 3]);
}

/** @returns the numbers of a float32 value [n, c, h, w]; a change of them is a change of the value */
export function floatsOf(tensor: Tensor | undefined, name: string): Float32Array {
  if (tensor?.data instanceof Float32Array) return tensor.data;
  throw new InvariantError(`Value ${name} is ${tensor?.type ?? 'missing'}, expected float32.`);
}
