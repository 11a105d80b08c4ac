import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { InputError, messageOf } from '#contracts';

/** Parse a request's body by its schema: behind this pipe everything is trusted. */
export class ParseBodyPipe<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  /** @throws InputError BODY_INVALID naming every wrong field */
  transform(body: unknown): T {
    const parsed = this.schema.safeParse(body);
    if (parsed.success) return parsed.data;
    throw new InputError('BODY_INVALID', `Request refused: ${messageOf(parsed.error)}. See /api/docs.`);
  }
}
