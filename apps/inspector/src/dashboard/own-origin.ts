import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { type CanActivate, type ExecutionContext, ForbiddenException } from '@nestjs/common';

/** Browsers let any site speak to any address: only our own page, or a program without Origin, may. */
export function isOwnOrigin({ origin, host }: Pick<IncomingHttpHeaders, 'origin' | 'host'>): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

/** Refuses what a page of another site would write here. */
export class OwnOriginGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    if (isOwnOrigin(context.switchToHttp().getRequest<IncomingMessage>().headers)) return true;
    throw new ForbiddenException({
      code: 'FOREIGN_ORIGIN',
      message: 'Only the page of this inspector may write here.',
    });
  }
}
