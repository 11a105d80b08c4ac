import type { backend_util } from '@tensorflow/tfjs-core';

/** Pixels of a row taken at once: each sum is loaded and stored once for all of them. */
const AT_ONCE = 4;

/**
 * Filter gradient of a depthwise convolution in plain loops:
 * sums[i, j, c] = sum over all output pixels of x[pixel * stride + (i, j) - pad, c] * dy[pixel, c].
 * Float32 arithmetic in a fixed order.
 */
export function correlateChannels(x: Float32Array, dy: Float32Array, info: backend_util.Conv2DInfo): Float32Array {
  const { batchSize, inHeight, inWidth, outHeight, outWidth, filterHeight, filterWidth } = info;
  const { inChannels: channels, strideHeight, strideWidth, padInfo } = info;
  const sums = new Float32Array(filterHeight * filterWidth * channels);
  for (let b = 0; b < batchSize; b++) {
    for (let oy = 0; oy < outHeight; oy++) {
      for (let i = 0; i < filterHeight; i++) {
        const iy = oy * strideHeight + i - padInfo.top;
        if (iy < 0 || iy >= inHeight) continue;
        const xRow = (b * inHeight + iy) * inWidth;
        const dyRow = (b * outHeight + oy) * outWidth;
        for (let j = 0; j < filterWidth; j++) {
          const shift = j - padInfo.left;
          const first = Math.max(0, Math.ceil(-shift / strideWidth));
          const end = Math.min(outWidth, Math.ceil((inWidth - shift) / strideWidth));
          const sum = sums.subarray((i * filterWidth + j) * channels, (i * filterWidth + j + 1) * channels);
          const row = { x, xAt: (xRow + shift + first * strideWidth) * channels, xStep: strideWidth * channels };
          correlateRow(sum, { ...row, dy, dyAt: (dyRow + first) * channels, count: end - first });
        }
      }
    }
  }
  return sums;
}

/** sum[c] += x[pixel, c] * dy[pixel, c] over `count` pixels of one row. */
function correlateRow(
  sum: Float32Array,
  row: { x: Float32Array; xAt: number; xStep: number; dy: Float32Array; dyAt: number; count: number },
): void {
  const { x, xStep, dy, count } = row;
  const { fround } = Math;
  const channels = sum.length;
  let [a, d] = [row.xAt, row.dyAt];
  let done = 0;
  for (; done + AT_ONCE <= count; done += AT_ONCE) {
    for (let c = 0; c < channels; c++) {
      let s = sum[c] as number;
      s = fround(s + fround((x[a + c] as number) * (dy[d + c] as number)));
      s = fround(s + fround((x[a + xStep + c] as number) * (dy[d + channels + c] as number)));
      s = fround(s + fround((x[a + 2 * xStep + c] as number) * (dy[d + 2 * channels + c] as number)));
      s = fround(s + fround((x[a + 3 * xStep + c] as number) * (dy[d + 3 * channels + c] as number)));
      sum[c] = s;
    }
    a += AT_ONCE * xStep;
    d += AT_ONCE * channels;
  }
  for (; done < count; done++) {
    for (let c = 0; c < channels; c++) {
      sum[c] = fround((sum[c] as number) + fround((x[a + c] as number) * (dy[d + c] as number)));
    }
    a += xStep;
    d += channels;
  }
}
