import { CameraName, InputError, messageOf, StationPath } from '#contracts';
import { parseNumber } from './verb.js';

/** @throws InputError USAGE */
export function parsePositive(flag: string, text: string): number {
  const value = parseNumber(flag, text);
  if (value > 0) return value;
  throw new InputError('USAGE', `${flag} ${text}: expected a number above 0.`);
}

/** @throws InputError USAGE */
export function parseCount(flag: string, text: string): number {
  const value = parsePositive(flag, text);
  if (Number.isSafeInteger(value)) return value;
  throw new InputError('USAGE', `${flag} ${text}: expected a whole number.`);
}

/** @throws InputError USAGE */
export function parseCamera(flag: string, text: string): string {
  const parsed = CameraName.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InputError('USAGE', `${flag} ${text}: ${messageOf(parsed.error)}.`);
}

/** @throws InputError USAGE */
export function parseStation(flag: string, text: string): string {
  const parsed = StationPath.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InputError('USAGE', `${flag} ${text}: ${messageOf(parsed.error)}.`);
}

/** @throws InputError USAGE */
export function parseBroker(flag: string, text: string): string {
  if (/^mqtts?:\/\/[^/]+/.test(text)) return text;
  throw new InputError('USAGE', `${flag} ${text}: expected mqtt://host:port or mqtts://host:port.`);
}
