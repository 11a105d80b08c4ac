import { buildPooledBase } from '#model/guard/pooled-base';
import type { Pooling } from '#model/head';
import type { InputSize } from '#model/network';
import { exportOnnx } from '#model/onnx/export';
import type { ModelSession } from '#model/runtime/session';
import { ThreadedSession } from '#model/runtime/threaded-session';
import type { StoredWeights } from '#model/weights/record';
import { fillModel, type WeightMap } from '#model/weights/weight-map';

/** A value of the base that comes out: any layer's output, under a name of the caller's choice. */
export interface Tap {
  readonly name: string;
  readonly layer: string;
}

export interface BaseRequest {
  readonly known: StoredWeights;
  readonly weights: WeightMap;
  readonly size: InputSize;
  readonly taps: readonly Tap[];
  /** Of the embedding; default average. */
  readonly pooling?: Pooling;
  /** Layer that the guard measures; its pooled output can be tapped as `GUARD_POOL`. */
  readonly guarded: string;
}

/** The pretrained base in ONNX Runtime on all cores, pictures in, taps out. The caller closes it. */
export async function openBase({ known, weights, size, taps, pooling, guarded }: BaseRequest): Promise<ModelSession> {
  const base = buildPooledBase(known.backbone, { ...size, layer: guarded, ...(pooling && { pooling }) });
  try {
    fillModel(base, weights);
    const { normalise } = known.backbone;
    const graph = exportOnnx({ model: base, normalise, inputName: 'picture', outputs: [...taps] });
    return await ThreadedSession.open(graph);
  } finally {
    base.dispose();
  }
}
