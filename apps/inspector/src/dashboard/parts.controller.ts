import { Controller, Get, Header, Inject, NotFoundException, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiResponse, ApiTags } from '@nestjs/swagger';
import { documented, HttpProblem, InspectionQuery, PartPage, PartQuery, PartViews, parseQuery } from '#contracts';
import { PageRecords } from './records.js';
import { SearchWords } from './search-words.js';

/** Parts of several views, of which the page speaks where the gate acts on those. */
@ApiTags('page')
@Controller('api/parts')
export class PartsController {
  constructor(@Inject(PageRecords) private readonly records: PageRecords) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Past verdicts of this inspector on parts of several views, newest first' })
  @SearchWords({ before: 'beforeInspection', of: 'inspection of the one' })
  @ApiOkResponse({ schema: documented(PartPage) })
  search(@Query() query: unknown): Promise<PartPage> {
    return this.records.searchParts(parseQuery(PartQuery, query));
  }

  @Get(':inspection/views')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The verdicts on the frames of a part, in the order of its views, as far as they came' })
  @ApiParam({ name: 'inspection' })
  @ApiOkResponse({ schema: documented(PartViews) })
  @ApiResponse({ status: 404, description: 'PART_UNKNOWN', schema: documented(HttpProblem) })
  async views(@Param() path: unknown): Promise<PartViews> {
    const { inspection } = parseQuery(InspectionQuery, path);
    const verdicts = await this.records.viewsOf(inspection);
    if (verdicts !== null) return { verdicts };
    const message = `No part was inspected as ${inspection} here. Expected the inspection of a part that this inspector has closed.`;
    throw new NotFoundException({ code: 'PART_UNKNOWN', message });
  }
}
