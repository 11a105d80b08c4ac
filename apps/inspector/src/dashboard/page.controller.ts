import type { ServerResponse } from 'node:http';
import { Controller, Get, Header, Inject, NotFoundException, Param, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProduces, ApiQuery, ApiTags } from '@nestjs/swagger';
import { FrameQuery, parseQuery, type VerdictPage, VerdictQuery } from '#contracts';
import { LiveBoard } from './live-board.js';
import { pictureType } from './picture-type.js';
import { PageRecords } from './records.js';
import { SearchWords } from './search-words.js';

const PAGE_SCHEMA = {
  type: 'object',
  required: ['verdicts', 'more'],
  properties: {
    verdicts: { type: 'array', items: { type: 'object', description: 'vision.verdict/1, see the line contract' } },
    more: { type: 'boolean' },
  },
};

/** What the page fetches besides its socket: pictures and the search in past verdicts. */
@ApiTags('page')
@Controller('api')
export class PageController {
  constructor(
    @Inject(LiveBoard) private readonly board: LiveBoard,
    @Inject(PageRecords) private readonly records: PageRecords,
  ) {}

  @Get('frames/:frameId/picture')
  @Header('X-Content-Type-Options', 'nosniff')
  @Header('Content-Security-Policy', "default-src 'none'; sandbox")
  @ApiOperation({ summary: 'The picture of a frame as its camera sent it' })
  @ApiParam({ name: 'frameId' })
  @ApiProduces('image/jpeg', 'image/png')
  @ApiOkResponse({ schema: { type: 'string', format: 'binary' } })
  async picture(@Param() path: unknown, @Res({ passthrough: true }) response: ServerResponse): Promise<StreamableFile> {
    const { frameId } = parseQuery(FrameQuery, path);
    const bytes = this.board.picture(frameId) ?? (await this.records.findPicture(frameId));
    // A frame id names one picture for ever; but one that is not there may be kept in a moment.
    response.setHeader('Cache-Control', bytes === null ? 'no-store' : 'private, max-age=86400, immutable');
    if (bytes === null) {
      throw new NotFoundException({
        code: 'PICTURE_NOT_KEPT',
        message: `No picture of frame ${frameId}: every reject is kept with all views of its part, passes only by sample.`,
      });
    }
    return new StreamableFile(bytes, { type: pictureType(bytes), disposition: 'inline' });
  }

  @Get('verdicts')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Past verdicts of this inspector from the plant database, newest first' })
  @ApiQuery({ name: 'camera', required: false })
  @SearchWords({ before: 'beforeFrame', of: 'frameId of the one' })
  @ApiOkResponse({ schema: PAGE_SCHEMA })
  search(@Query() query: unknown): Promise<VerdictPage> {
    return this.records.search(parseQuery(VerdictQuery, query));
  }
}
