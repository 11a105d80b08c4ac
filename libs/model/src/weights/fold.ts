import type { StoredTensor } from './safetensors.js';

/** The four vectors of a batch norm in inference mode, one value per channel. */
export interface BatchNorm {
  readonly gamma: StoredTensor;
  readonly beta: StoredTensor;
  readonly mean: StoredTensor;
  readonly variance: StoredTensor;
  readonly epsilon: number;
}

/** A convolution with the batch norm after it written into its kernel and bias. */
export interface FoldedConv {
  readonly kernel: StoredTensor;
  readonly bias: StoredTensor;
}

/**
 * PyTorch OIHW kernel + batch norm -> HWIO kernel and bias. A depthwise kernel [c,1,h,w] becomes [h,w,c,1].
 * y = gamma * (conv(x) - mean) / sqrt(variance + eps) + beta, so kernel *= s and bias = beta - mean * s.
 */
export function foldOihw(kernel: StoredTensor, norm: BatchNorm, isDepthwise: boolean): FoldedConv {
  const [out = 0, inner = 0, height = 0, width = 0] = kernel.shape;
  const scale = new Float32Array(out);
  const bias = new Float32Array(out);
  for (let o = 0; o < out; o++) {
    const s = at(norm.gamma, o) / Math.sqrt(at(norm.variance, o) + norm.epsilon);
    scale[o] = s;
    bias[o] = at(norm.beta, o) - at(norm.mean, o) * s;
  }
  const folded = new Float32Array(kernel.data.length);
  const area = height * width;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < inner; i++) {
      for (let p = 0; p < area; p++) {
        const to = isDepthwise ? p * out + o : (p * inner + i) * out + o;
        folded[to] = at(kernel, (o * inner + i) * area + p) * (scale[o] ?? 0);
      }
    }
  }
  const shape = isDepthwise ? [height, width, out, 1] : [height, width, inner, out];
  return { kernel: { shape, data: folded }, bias: { shape: [out], data: bias } };
}

function at(tensor: StoredTensor, i: number): number {
  return tensor.data[i] ?? Number.NaN;
}
