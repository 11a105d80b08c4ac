import { once } from 'node:events';
import { createServer } from 'node:net';
import type { InspectorConfig } from '#config';
import { CameraState, messageOf } from '#contracts';
import { blocked, type Finding, ok } from './finding.js';

/** Where the inspector listens. */
export interface Door {
  readonly about: string;
  /** What is behind it, in words. */
  readonly what: string;
  readonly host: string;
  readonly port: number;
  /** The setting that moves it. */
  readonly setting: string;
}

/** How long the line itself may take to say that it is the one that listens, ms. */
const ANSWER_MS = 2_000;

/** The page and the API. */
export function findPage(config: InspectorConfig): Promise<Finding[]> {
  return findDoor({ about: 'page', what: 'the page', ...config.http, setting: 'http.port' }, config);
}

/** Whether the inspector could listen there, by listening; a port that this very line has taken is well. */
export async function findDoor(door: Door, config: InspectorConfig): Promise<Finding[]> {
  const { about, what, host, port, setting } = door;
  const place = `${what}, ${host}:${port}`;
  const problem = await tryListen(host, port);
  if (problem === null) return [ok(about, place)];
  const { id } = config.inspector;
  if (problem.code !== 'EADDRINUSE') {
    const advice = `Expected an address of this machine and a port this user may take: correct ${setting} or its host.`;
    return [blocked(about, `${place} cannot be taken: ${messageOf(problem)}`, advice)];
  }
  if (await isRunning(config)) return [ok(about, `${place}; ${id} runs there now`)];
  return [blocked(about, `${place} is in use`, `Stop what listens there, or set ${setting}.`)];
}

async function tryListen(host: string, port: number): Promise<NodeJS.ErrnoException | null> {
  const server = createServer();
  try {
    await once(server.listen({ host, port, exclusive: true }), 'listening');
    return null;
  } catch (error) {
    return error as NodeJS.ErrnoException;
  } finally {
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  }
}

/** True when the inspector that is configured runs already: its health names it. */
async function isRunning({ http, inspector }: InspectorConfig): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const response = await fetch(`http://${reachable(http.host)}:${http.port}/health/ready`, { signal });
    const { cameras } = (await response.json()) as { cameras: unknown };
    return CameraState.array()
      .parse(cameras)
      .some(({ inspectorId }) => inspectorId === inspector.id);
  } catch {
    // Nobody answers, or something else does.
    return false;
  }
}

/** The host as a client writes it: what listens everywhere is asked here. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
