import { z } from 'zod';

/** A zod schema as OpenAPI documents it: one source for type, check and page. */
export function documented(schema: z.ZodType): Record<string, object> {
  return z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input' }) as Record<string, object>;
}
