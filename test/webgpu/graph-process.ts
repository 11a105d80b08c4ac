import { OnnxSession } from '#model/runtime/onnx-session';
import type { OutputTensor, PictureBatch } from '#model/runtime/session';

/** What the process is asked to compute. */
export interface GraphOrder {
  readonly graph: Uint8Array;
  readonly batch: PictureBatch;
}

export type GraphAnswer = Record<string, OutputTensor> | { readonly problem: string };

// A process of its own: the loader's folder and the driver are read when a process starts.
process.once('message', ({ graph, batch }: GraphOrder) => {
  void (async () => {
    const session = await OnnxSession.open(graph, { provider: 'webgpu' });
    const outputs = await session.run(batch);
    await session.close();
    return outputs;
  })()
    .catch((error: unknown): GraphAnswer => ({ problem: String(error) }))
    .then((answer) => process.send?.(answer, () => process.exit(0)));
});
