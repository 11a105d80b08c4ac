export * from './errors.js';
export * from './figures.js';
export * from './frame.js';
export * from './jobs.js';
export * from './live.js';
export * from './state.js';
export * from './topics.js';
export * from './verdict.js';
