import type { z } from 'zod';
import { InputError, messageOf } from './errors.js';

/**
 * A request's body by its schema: behind this everything is trusted.
 * @throws InputError BODY_INVALID naming every wrong field
 */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new InputError('BODY_INVALID', `Request refused: ${messageOf(parsed.error)}. See /api/docs.`);
}
