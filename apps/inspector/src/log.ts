import { pino } from 'pino';
import type { InspectorConfig } from '#config';

/** JSON lines with a fixed event name: info on change, error when someone must act. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

export function makeLog(level: InspectorConfig['log']['level'], about: Readonly<Record<string, unknown>>): Log {
  const logger = pino({ level, base: about, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' });
  return {
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
  };
}
