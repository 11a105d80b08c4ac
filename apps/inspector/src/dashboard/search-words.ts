import { applyDecorators } from '@nestjs/common';
import { ApiQuery } from '@nestjs/swagger';

/** Documents what frames and parts are searched by. @param id of the records listed */
export function SearchWords(id: { readonly before: string; readonly of: string }): MethodDecorator {
  return applyDecorators(
    ApiQuery({ name: 'partId', required: false }),
    ApiQuery({ name: 'lot', required: false }),
    ApiQuery({ name: 'verdict', required: false, enum: ['PASS', 'FAIL', 'INCONCLUSIVE', 'REJECT'] }),
    ApiQuery({ name: 'from', required: false, description: 'decided at or after, RFC 3339 UTC with milliseconds' }),
    ApiQuery({ name: 'before', required: false, description: 'decided before, RFC 3339 UTC with milliseconds' }),
    ApiQuery({ name: id.before, required: false, description: `to page on, with \`before\`: ${id.of} listed last` }),
    ApiQuery({ name: 'limit', required: false, schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 } }),
  );
}
