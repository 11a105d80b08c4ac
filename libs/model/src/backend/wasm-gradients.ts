import {
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  getKernel,
  type KernelFunc,
  registerKernel,
  unregisterKernel,
} from '@tensorflow/tfjs-core';
import { CLIPPED } from './activations.js';
import { clippedGradient } from './wasm-activations.js';
import { convFilterGradient, convInputGradient } from './wasm-conv.js';
import { depthwiseFilterGradient, depthwiseInputGradient } from './wasm-depthwise.js';

const KERNELS: Readonly<Record<string, KernelFunc>> = {
  [Conv2DBackpropInput]: convInputGradient,
  [Conv2DBackpropFilter]: convFilterGradient,
  [DepthwiseConv2dNativeBackpropInput]: depthwiseInputGradient,
  [DepthwiseConv2dNativeBackpropFilter]: depthwiseFilterGradient,
};

/**
 * Give the wasm backend of tfjs 4.22 the training kernels it lacks, put together from kernels it has; its own input
 * gradient of a convolution is a plain loop and gives way to one that runs in XNNPACK.
 */
export function registerWasmGradients(): void {
  if (getKernel(Conv2DBackpropFilter, 'wasm') !== undefined) return;
  unregisterKernel(Conv2DBackpropInput, 'wasm');
  for (const [name, kernel] of Object.entries(KERNELS)) register(name, kernel);
  for (const { gradient, upper } of CLIPPED) register(gradient, (args) => clippedGradient(args, upper));
}

function register(kernelName: string, kernelFunc: KernelFunc): void {
  registerKernel({ kernelName, backendName: 'wasm', kernelFunc });
}
