import { Body, Controller, Get, Header, HttpCode, Inject, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiQuery, ApiResponse, ApiTags } from '@nestjs/swagger';
import {
  AcknowledgeRequest,
  documented,
  HttpProblem,
  Override,
  OverrideList,
  OverrideQuery,
  OverrideRequest,
  parseBody,
  parseQuery,
} from '#contracts';
import { PagePeople } from './people.js';

const PROBLEM = documented(HttpProblem);

/** What people do on the page, each by name. None of it reaches a gate. */
@ApiTags('people')
@Controller('api')
export class PeopleController {
  constructor(@Inject(PagePeople) private readonly people: PagePeople) {}

  @Post('overrides')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide what becomes of a part, in the name of a person; the machine keeps its verdict' })
  @ApiBody({ schema: documented(OverrideRequest) })
  @ApiResponse({ status: 200, description: 'On the disk, with what the machine said', schema: documented(Override) })
  @ApiResponse({ status: 400, description: 'BODY_INVALID', schema: PROBLEM })
  @ApiResponse({ status: 404, description: 'OVERRIDE_UNKNOWN', schema: PROBLEM })
  @ApiResponse({ status: 409, description: 'OVERRIDE_SHADOW', schema: PROBLEM })
  override(@Body() body: unknown): Promise<Override> {
    return this.people.override(parseBody(OverrideRequest, body));
  }

  @Get('overrides')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({
    summary: 'What people said of a frame or of its part as a whole, of a part or of its frames; oldest first',
  })
  @ApiQuery({ name: 'frameId', required: false })
  @ApiQuery({ name: 'inspection', required: false, description: 'of a part of several views, instead of a frame' })
  @ApiResponse({ status: 200, schema: documented(OverrideList) })
  @ApiResponse({ status: 400, description: 'QUERY_INVALID', schema: PROBLEM })
  async overrides(@Query() query: unknown): Promise<OverrideList> {
    return { overrides: await this.people.overridesOf(parseQuery(OverrideQuery, query)) };
  }

  @Post('alarms/acknowledge')
  @HttpCode(200)
  @ApiOperation({ summary: 'A person has seen an alarm and takes care of it' })
  @ApiBody({ schema: documented(AcknowledgeRequest) })
  @ApiResponse({ status: 200, description: 'What was done', schema: { type: 'object' } })
  @ApiResponse({ status: 400, description: 'BODY_INVALID', schema: PROBLEM })
  @ApiResponse({ status: 404, description: 'ALARM_NOT_ON', schema: PROBLEM })
  async acknowledge(@Body() body: unknown): Promise<{ message: string }> {
    return { message: await this.people.acknowledge(parseBody(AcknowledgeRequest, body)) };
  }
}
