import type { z } from 'zod';
import { InputError, messageOf } from './errors.js';

/**
 * A request's body by its schema: behind this everything is trusted.
 * @throws InputError BODY_INVALID naming every wrong field
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  return parse(schema, body, 'BODY_INVALID');
}

/**
 * The words in a request's address by their schema: those of its path, or those behind its question mark, where a word
 * said twice is a list.
 * @throws InputError QUERY_INVALID naming every wrong word
 */
export function parseQuery<T>(schema: z.ZodType<T>, query: unknown): T {
  return parse(schema, query, 'QUERY_INVALID');
}

function parse<T>(schema: z.ZodType<T>, value: unknown, code: string): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InputError(code, `Request refused: ${messageOf(parsed.error)}. See /api/docs.`);
}
