// ONNX Runtime as the product uses it: silent. The order of these lines is what makes it so.
import './no-telemetry.js';

export * from 'onnxruntime-node';
