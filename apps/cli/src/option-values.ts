import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { CameraName, holdsPassword, InputError, messageOf, StationPath } from '#contracts';

/** @throws InvalidArgumentError, as all here: the command line says it with the option and what it was given */
export function parseNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('Expected a number.');
}

export function parsePositive(text: string): number {
  const value = parseNumber(text);
  if (value > 0) return value;
  throw new InvalidArgumentError('Expected a number above 0.');
}

export function parseCount(text: string): number {
  const value = parsePositive(text);
  if (Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number above 0.');
}

/** How many, where none is an answer. */
export function parseAmount(text: string): number {
  const value = parseNumber(text);
  if (value >= 0 && Number.isSafeInteger(value)) return value;
  throw new InvalidArgumentError('Expected a whole number from 0 on.');
}

export function parseShare(text: string): number {
  const value = parseNumber(text);
  if (value >= 0 && value <= 1) return value;
  throw new InvalidArgumentError('Expected 0 to 1.');
}

/** Parser of one word out of a list. */
export function oneOf<T extends string>(choices: readonly T[]): (text: string) => T {
  return (text) => {
    const chosen = choices.find((choice) => choice === text);
    if (chosen !== undefined) return chosen;
    throw new InvalidArgumentError(`Expected one of ${choices.join(', ')}.`);
  };
}

/** Parser of what a word on the wire must look like. */
function wordOf(schema: typeof CameraName | typeof StationPath): (text: string) => string {
  return (text) => {
    const parsed = schema.safeParse(text);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`${messageOf(parsed.error)}.`);
  };
}

export const parseCamera = wordOf(CameraName);
export const parseStation = wordOf(StationPath);

/** @throws InputError USAGE for a password in the address, because the command line's own words would repeat it */
export function parseBroker(text: string): string {
  if (holdsPassword(text)) {
    throw new InputError(
      'USAGE',
      '--broker holds a password. Expected mqtt://host:port; the user belongs into --username, the password into LINESIDE_BROKER_PASSWORD.',
    );
  }
  if (/^mqtts?:\/\/[^/]+/.test(text)) return text;
  throw new InvalidArgumentError('Expected mqtt://host:port or mqtts://host:port.');
}

/** A file that is to be written: what stands in its way is said now and not after the work. Folders above it are made. */
export function parseTarget(file: string): string {
  if (file === '') throw new InvalidArgumentError('Expected a file, got an empty word.');
  if (/[/\\]$/.test(file) || kindOf(file) === 'folder')
    throw new InvalidArgumentError('Expected a file, got a folder.');
  return underFolders(file);
}

/** A page that is to be written; as `parseTarget`. Its figures go beside it, under the page's name with another ending. */
export function parsePage(file: string): string {
  if (!/\.json$/i.test(file)) return parseTarget(file);
  throw new InvalidArgumentError('Expected the name of a page, as in report.html.');
}

/** A folder that is to be written into: as `parseTarget`. */
export function parseTargetFolder(folder: string): string {
  if (folder === '') throw new InvalidArgumentError('Expected a folder, got an empty word.');
  if (kindOf(folder) === 'file') throw new InvalidArgumentError('Expected a folder, got a file.');
  return underFolders(folder);
}

function underFolders(path: string): string {
  let above = dirname(resolve(path));
  while (kindOf(above) === null && above !== dirname(above)) above = dirname(above);
  if (kindOf(above) !== 'file') return path;
  throw new InvalidArgumentError(`Expected a folder above it, but ${above} is a file.`);
}

/** null: nothing there that can be looked at. */
function kindOf(path: string): 'folder' | 'file' | null {
  try {
    return statSync(path).isDirectory() ? 'folder' : 'file';
  } catch {
    // Missing, below a file or not ours to see: nothing is known to stand in the way, and writing says the rest.
    return null;
  }
}

/** Collect a repeated `key=value`. A key given twice keeps its last value. */
export function parseSetting(text: string, before: Record<string, string> = {}): Record<string, string> {
  const at = text.indexOf('=');
  if (at > 0) return { ...before, [text.slice(0, at).trim()]: text.slice(at + 1).trim() };
  throw new InvalidArgumentError('Expected key=value.');
}

/** Parser of an option that may be repeated. */
export function each<T>(parse: (text: string) => T): (text: string, before?: T[]) => T[] {
  return (text, before = []) => [...before, parse(text)];
}

export function parseWord(text: string): string {
  return text;
}
