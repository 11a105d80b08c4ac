export * from './debug.js';
export * from './load.js';
export * from './log-lines.js';
export { plantAddress } from './plant-address.js';
export * from './products.js';
export * from './schema.js';
export * from './supervisor.js';
export * from './tls.js';
