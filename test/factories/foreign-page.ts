import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** What a browser sends for a page of another site, and for one whose name was made to lead here. */
export const FOREIGN_PAGES: readonly Readonly<Record<string, string>>[] = [
  { origin: 'http://elsewhere.example' },
  { host: 'elsewhere.example', origin: 'http://elsewhere.example' },
];

/** One request with the headers given, Host among them, which `fetch` would set itself. */
export async function askWith(
  url: URL | string,
  { method = 'GET', headers, body }: { method?: string; headers: Readonly<Record<string, string>>; body?: string },
): Promise<{ status: number | undefined; code: unknown }> {
  const asked = request(url, { method, headers, agent: false });
  asked.end(body);
  const [answer]: IncomingMessage[] = await once(asked, 'response');
  if (answer === undefined) throw new Error('expected an answer');
  const said = await text(answer);
  return { status: answer.statusCode, code: said.startsWith('{') ? JSON.parse(said).code : null };
}
