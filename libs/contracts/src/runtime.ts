import { z } from 'zod';

/** Who computes a model's scores, the most specialised first. */
export const RUNTIMES = ['onnx-tensorrt', 'onnx-cuda', 'onnx-webgpu', 'onnx-cpu', 'tensorflow'] as const;
export type RuntimeName = (typeof RUNTIMES)[number];

/** Number formats a model may be exported in, the most exact first. */
export const PRECISIONS = ['fp32', 'fp16', 'int8'] as const;
export type Precision = (typeof PRECISIONS)[number];

/** Where and in which number format a model computes. */
export const Place = z.object({ runtime: z.enum(RUNTIMES), precision: z.enum(PRECISIONS) });
export type Place = Readonly<z.infer<typeof Place>>;
