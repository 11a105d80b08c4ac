// ONNX Runtime as the product uses it: silent. The order of these lines is what makes it so.
import './no-telemetry.js';

// biome-ignore lint/style/noRestrictedImports: the one door to it.
export * from 'onnxruntime-node';
