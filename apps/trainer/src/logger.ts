/** Injection token of the trainer's pino logger. */
export const LOGGER = Symbol('LOGGER');
