import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { INestApplication } from '@nestjs/common';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { DependencyError, messageOf } from './errors.js';
import type { HttpProblem } from './jobs.js';

/** Why a request is not let in. */
export interface Refusal extends HttpProblem {
  readonly status: 403 | 415 | 421;
}

type DoorHeaders = Pick<
  IncomingHttpHeaders,
  'host' | 'origin' | 'content-type' | 'content-length' | 'transfer-encoding'
>;

type SocketOptions = NonNullable<Parameters<IoAdapter['createIOServer']>[1]>;

/** Host with an IPv6 address in brackets, and perhaps a port. */
const HOST = /^(?:\[([\da-f:.]+)\]|([^:[\]]+))(?::\d+)?$/i;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/**
 * Set both servers' one door before everything that answers: routes, files, documentation and sockets. Neither has a login,
 * and a browser carries any site's request to any address: what such a site can make it send is refused here.
 * Nest's parsers stay behind it; of them only the one for JSON is ever reached.
 */
export function openDoor(
  app: INestApplication,
  http: { readonly host: string; readonly names: readonly string[] },
): void {
  const names = namesOf(http);
  app.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const refusal = findRefusal(request.headers, names);
    if (refusal === null) return next();
    const { status, code, message } = refusal;
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
    response.end(JSON.stringify({ code, message } satisfies HttpProblem));
  });
  app.useWebSocketAdapter(new DoorAdapter(app, names));
}

/** Say at `/api/docs`, and for programs at `/api/openapi.json`, what may be asked here. */
export function describeApi(
  app: INestApplication,
  { title, description = '' }: { title: string; description?: string },
): void {
  const info = new DocumentBuilder().setTitle(title).setDescription(description).setVersion('1').build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, info), {
    jsonDocumentUrl: 'api/openapi.json',
  });
}

/**
 * Listen where the configuration says, from now on.
 * @returns the address for a browser
 * @throws DependencyError PORT_IN_USE, HTTP_LISTEN
 */
export async function listen(
  app: INestApplication,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new DependencyError(
      isTaken ? 'PORT_IN_USE' : 'HTTP_LISTEN',
      `The server cannot listen on ${host}:${port}: ${messageOf(cause)}. Stop what listens there, or set http.host and http.port.`,
      { cause },
    );
  }
  return app.getUrl();
}

/**
 * Names that lead here: this machine's own, also as multicast DNS knows it, what the server listens on, and those that
 * the configuration lists. No other domain under the machine's name: anybody may own one.
 */
export function namesOf({ host, names }: { host: string; names: readonly string[] }): ReadonlySet<string> {
  const own = hostname();
  const [short = own] = own.split('.');
  return new Set(['localhost', own, short, `${short}.local`, host, ...names].map((name) => name.toLowerCase()));
}

/**
 * What is wrong with a request by its headers; null where nothing is. A program sends no Origin and may ask.
 * @param names lower case; IP addresses are always ours, as no foreign name can stand for one
 */
export function findRefusal(headers: DoorHeaders, names: ReadonlySet<string>): Refusal | null {
  const { host, origin } = headers;
  // A site whose name leads to this address asks as its own page would: only the name tells.
  if (host !== undefined && !isOurs(host, names)) {
    return {
      status: 421,
      code: 'HOST_UNKNOWN',
      message: `This server does not go by the name ${host}. Ask it by its IP address or its own host name, or list the name in http.names.`,
    };
  }
  if (origin !== undefined && !(URL.canParse(origin) && new URL(origin).host === host?.toLowerCase())) {
    return {
      status: 403,
      code: 'FOREIGN_ORIGIN',
      message: `Only this server's own pages may ask here, not one of ${origin}. A proxy in front must hand the Host header on.`,
    };
  }
  const { 'content-type': type, 'content-length': length = '0', 'transfer-encoding': encoding } = headers;
  // Forms of any site may send the other types without asking first.
  if ((length !== '0' || encoding !== undefined) && !JSON_TYPE.test(type ?? '')) {
    return {
      status: 415,
      code: 'BODY_TYPE',
      message: `Bodies are JSON here: expected content-type application/json, got ${type ?? 'none'}.`,
    };
  }
  return null;
}

function isOurs(host: string, names: ReadonlySet<string>): boolean {
  const [, ipv6, name = ''] = HOST.exec(host) ?? [];
  return ipv6 === undefined ? isIP(name) === 4 || names.has(name.toLowerCase()) : isIP(ipv6) === 6;
}

/** Socket.io takes its upgrades before any middleware sees them. */
class DoorAdapter extends IoAdapter {
  constructor(
    app: INestApplication,
    private readonly names: ReadonlySet<string>,
  ) {
    super(app);
  }

  override createIOServer(port: number, options?: SocketOptions): ReturnType<IoAdapter['createIOServer']> {
    const allowRequest: SocketOptions['allowRequest'] = ({ headers }, decide) => {
      const refusal = findRefusal(headers, this.names);
      decide(refusal?.message, refusal === null);
    };
    return super.createIOServer(port, { ...options, allowRequest } as SocketOptions);
  }
}
