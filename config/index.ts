export * from './debug.js';
export * from './load.js';
export * from './schema.js';
export * from './supervisor.js';
