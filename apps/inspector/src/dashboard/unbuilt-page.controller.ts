import { Controller, Get, Header, HttpCode, HttpStatus } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';

export const PAGE_NOT_BUILT =
  'The page is not built: npm run build:page, then start the inspector again. It inspects all the same.';

/** Stands where the page would, so that a browser is told why there is none. */
@ApiExcludeController()
@Controller()
export class UnbuiltPageController {
  @Get()
  @HttpCode(HttpStatus.SERVICE_UNAVAILABLE)
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/plain; charset=utf-8')
  tell(): string {
    return `${PAGE_NOT_BUILT}\n`;
  }
}
