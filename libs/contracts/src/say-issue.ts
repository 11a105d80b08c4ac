import { z } from 'zod';
import { findResembling } from './find-resembling.js';

type Issue = z.core.$ZodRawIssue;

/** What a schema calls a type, for somebody who writes YAML, JSON or CSV. */
const NOUNS: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  record: 'an object',
};
const UNITS: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };
/** More keys than these are for the documentation to list. */
const MAX_KNOWN = 12;
/** As much of a wrong word as shows which one it is. */
const MAX_WORD = 40;

/**
 * What is wrong with a value, in the product's words: `is missing`, `expected a number, got text`. A wrong text itself is
 * told only where one of a few words was expected: elsewhere it may hold a password.
 */
function sayIssue(issue: Issue): string {
  const isMissing = issue.input === undefined && (issue.path ?? []).length > 0;
  switch (issue.code) {
    case 'invalid_type':
      return isMissing
        ? 'is missing'
        : `expected ${NOUNS[issue.expected] ?? issue.expected}, got ${kindOf(issue.input)}`;
    case 'invalid_value':
      return choice(issue.values, issue.input);
    case 'too_small':
    case 'too_big':
      return outOfBounds(issue);
    case 'invalid_format':
      return issue.format === 'datetime'
        ? 'expected a time as in 2026-01-31T14:05:00.000Z'
        : `expected ${issue.pattern}`;
    case 'unrecognized_keys':
      return `${issue.keys.map((key) => `\`${key}\``).join(', ')} ${issue.keys.length > 1 ? 'are' : 'is'} unknown${knownTo(issue)}`;
    case 'invalid_key':
      return issue.issues.map(({ message }) => message).join(', ');
    case 'invalid_union':
      return fitsNone(issue);
    default:
      return 'is not as expected';
  }
}

function choice(words: readonly unknown[], got: unknown): string {
  const expected = `expected ${words.length > 1 ? 'one of ' : ''}${words.join(', ')}`;
  if (got === undefined) return `is missing, ${expected}`;
  if (typeof got === 'string') return `${expected}, got ${JSON.stringify(got.slice(0, MAX_WORD))}`;
  // YAML reads an unquoted 5 as a number where the word "5" is meant.
  return `${expected}, got ${typeof got === 'number' ? 'the number ' : ''}${kindOf(got)}`;
}

function outOfBounds(issue: Extract<Issue, { code: 'too_small' | 'too_big' }>): string {
  const { origin, input, inclusive } = issue;
  const got = typeof input === 'string' || Array.isArray(input) ? input.length : input;
  if (got === 0 && UNITS[origin] !== undefined) return 'is empty';
  const [bound, limit] =
    issue.code === 'too_small'
      ? [inclusive ? 'at least' : 'more than', issue.minimum]
      : [inclusive ? 'at most' : 'less than', issue.maximum];
  return `expected ${bound} ${limit}${UNITS[origin] ?? ''}, got ${got}`;
}

function fitsNone({ discriminator, options, errors, input }: Extract<Issue, { code: 'invalid_union' }>): string {
  if (discriminator !== undefined && Array.isArray(options))
    return choice(options, (input as Record<string, unknown>)[discriminator]);
  return [...new Set(errors.flatMap(([first]) => first?.message ?? []))].join(', or ');
}

function knownTo({ inst, keys }: Extract<Issue, { code: 'unrecognized_keys' }>): string {
  if (!(inst instanceof z.ZodObject)) return '';
  const known = Object.keys(inst.shape);
  if (known.length <= MAX_KNOWN) return `, expected ${known.join(', ')}`;
  const meant = findResembling(keys, inst);
  return meant.length > 0 ? `, perhaps ${meant.join(' or ')}` : '';
}

function kindOf(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'no value (null)';
  if (Number.isNaN(value)) return 'something that is none';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return 'text';
  return Array.isArray(value) ? 'a list' : 'an object';
}

// Zod's own way to speak a language: whatever is parsed behind the contracts' door is told in these words.
z.config({ localeError: sayIssue });
