import { existsSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServeStaticModuleOptions } from '@nestjs/serve-static';

/** Mantine writes its theme as a style element and styles as attributes; live frames are shown from memory (blob:). */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

/** Built files carry a hash of their content in their name. */
const HASHED = /[/\\]assets[/\\][^/\\]+$/;

/** Where `npm run build:page` puts it. */
const BUILT = fileURLToPath(new URL('../../../dashboard/page', import.meta.url));

/** False where the server alone was built. */
export function isPageBuilt(folder = BUILT): boolean {
  return existsSync(join(folder, 'index.html'));
}

/** The built page for `ServeStaticModule.forRoot`: index.html for every path that names neither a file nor an API. */
export function pageFiles(folder = BUILT): ServeStaticModuleOptions {
  return {
    rootPath: folder,
    exclude: [
      '/api',
      '/api/{*path}',
      '/assets/{*path}',
      '/health',
      '/health/{*path}',
      '/metrics',
      '/{*path/}:file.:type',
    ],
    serveStaticOptions: { cacheControl: false, setHeaders: setPageHeaders },
  };
}

function setPageHeaders(response: ServerResponse, path: string): void {
  response.setHeader('Cache-Control', HASHED.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache');
  response.setHeader('Content-Security-Policy', PAGE_POLICY);
  response.setHeader('X-Content-Type-Options', 'nosniff');
  response.setHeader('Referrer-Policy', 'no-referrer');
}
