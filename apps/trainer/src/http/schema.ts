import type { OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';

type DocumentedSchema = NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string];

/** A zod schema as OpenAPI documents it: one source for type, check and page. */
export function documented(schema: z.ZodType): DocumentedSchema {
  return z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as DocumentedSchema;
}
