import './say-issue.js';

export * from './command.js';
export * from './documented.js';
export * from './errors.js';
export * from './figures.js';
export * from './frame.js';
export * from './jobs.js';
export * from './live.js';
export * from './name.js';
export * from './override.js';
export * from './parse-request.js';
export * from './part.js';
export * from './report.js';
export * from './runtime.js';
export * from './state.js';
export * from './tell-problems.js';
export * from './topics.js';
export * from './verdict.js';
