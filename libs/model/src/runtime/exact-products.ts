import { InferenceSession, Tensor } from './onnxruntime.js';

/** Channels, side of the maps, filters and what every number of the output is when nothing is cut off. */
export const PROBE = { channels: 16, side: 8, filters: 4, expected: 200 } as const;

/**
 * A graph of one convolution, uint8 `x` to uint8 `y`, int8 weights of 127 in the operator that quantised networks consist of.
 * Ready-made, because the ONNX schema costs a worker most of a second; its spec writes it again.
 */
export const PROBE_GRAPH = [
  'CAgSCGxpbmVzaWRlOpkCCkMKAXgKA29uZQoEemVybwoHd2VpZ2h0cwoDb25lCgZtaWRkbGUKBHN0ZXAKBHplcm8SAXkaAXkiC1FM',
  'aW5lYXJDb252Eghwcm9kdWN0cyoNEAFCA29uZUoEAACAPyoOEAFCBHN0ZXBKBM3sIUUqCxACQgR6ZXJvSgEAKg0QA0IGbWlkZGxl',
  'SgEAKlMKBAQQAQEQA0IHd2VpZ2h0c0pAf39/f39/f39/f39/f39/f39/f39/f39/f39/f39/f39/f39/f39/f39/f39/f39/f39/',
  'f39/f39/f39/f39/f1obCgF4EhYKFAgCEhAKAggBCgIIEAoCCAgKAggIYhsKAXkSFgoUCAISEAoCCAEKAggECgIICAoCCAhCBAoA',
  'EBE=',
].join('');

let known: Promise<boolean> | undefined;

/**
 * Whether ONNX Runtime adds products of uint8 and int8 exactly on this CPU. x86 without VNNI adds pairs of them in 16 bits and
 * cuts them off there. Found out by a small convolution, once in a process, as ONNX Runtime itself takes CPUs with VNNI for
 * such (`MlasPlatformU8S8Overflow` compares tables of kernels that differ there too).
 */
export function addsProductsExactly(): Promise<boolean> {
  known ??= probe();
  return known;
}

async function probe(): Promise<boolean> {
  const session = await InferenceSession.create(Buffer.from(PROBE_GRAPH, 'base64'), {
    executionProviders: ['cpu'],
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const { channels, side, expected } = PROBE;
    // Every byte and weight at its largest: such sums are cut off first.
    const data = new Uint8Array(channels * side * side).fill(255);
    const { y } = await session.run({ x: new Tensor('uint8', data, [1, channels, side, side]) });
    return y?.data instanceof Uint8Array && y.data.every((code) => code === expected);
  } finally {
    await session.release();
  }
}
