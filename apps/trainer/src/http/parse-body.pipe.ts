import type { PipeTransform } from '@nestjs/common';
import type { z } from 'zod';
import { parseBody } from '#contracts';

/** `parseBody` where Nest hands a request's body over. */
export class ParseBodyPipe<T> implements PipeTransform<unknown, T> {
  constructor(private readonly schema: z.ZodType<T>) {}

  transform(body: unknown): T {
    return parseBody(this.schema, body);
  }
}
