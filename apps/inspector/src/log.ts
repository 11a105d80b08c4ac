import { pino } from 'pino';
import { type InspectorConfig, LogLines } from '#config';

/** JSON lines with a fixed event name: info on change, error when someone must act. */
export interface Log {
  info(event: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields?: Readonly<Record<string, unknown>>): void;
  error(event: string, fields?: Readonly<Record<string, unknown>>): void;
}

export interface LogOptions {
  readonly level: InspectorConfig['log']['level'];
  /** Said in every line. */
  readonly about: Readonly<Record<string, unknown>>;
  /** A line could not be written. */
  readonly onLost: () => void;
}

export function makeLog({ level, about, onLost }: LogOptions): Log {
  const settings = { level, base: about, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'event' };
  const logger = pino(settings, new LogLines(onLost));
  return {
    info: (event, fields = {}) => logger.info(fields, event),
    warn: (event, fields = {}) => logger.warn(fields, event),
    error: (event, fields = {}) => logger.error(fields, event),
  };
}
