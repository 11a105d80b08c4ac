import { accessSync, constants, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after } from 'node:test';

/** System programs that some specs drive: the names they go by and the Debian package that brings them. */
const TOOLS = {
  chromium: { names: ['chromium', 'chromium-browser', 'google-chrome'], apt: 'chromium' },
  mosquitto: { names: ['mosquitto'], apt: 'mosquitto' },
  postgres: { names: ['postgres'], apt: 'postgresql' },
  openssl: { names: ['openssl'], apt: 'openssl' },
  psql: { names: ['psql'], apt: 'postgresql' },
  python3: { names: ['python3'], apt: 'python3 python3-venv' },
  make: { names: ['make'], apt: 'make' },
  faketime: { names: ['faketime'], apt: 'faketime' },
  'c++': { names: ['c++', 'g++', 'clang++'], apt: 'g++' },
} as const;
export type Tool = keyof typeof TOOLS;

/** Debian keeps servers outside an ordinary user's PATH. */
const SYSTEM_FOLDERS = ['/usr/bin', '/usr/sbin', '/usr/local/bin', '/usr/local/sbin'];

export interface FoundTool {
  /** Where the program is; its bare name when it is missing (and `skip` is set). */
  readonly path: string;
  /** For `describe` / `it`: `false`, or the reason with the line that installs the program. */
  readonly skip: string | false;
}

/**
 * Find a system program: `const mosquitto = requireTool('mosquitto'); describe('…', { skip: mosquitto.skip }, …)`.
 * When it is missing the line that installs it is printed and the suite is skipped with that reason.
 * @throws Error under CI=true, where a skip would hide a missing part
 */
export function requireTool(tool: Tool): FoundTool {
  const { names, apt } = TOOLS[tool];
  const path = findProgram(names);
  if (path !== null) return { path, skip: false };
  const skip = `${tool} is missing; install it: apt-get install -y --no-install-recommends ${apt}`;
  if (process.env['CI'] === 'true') throw new Error(skip);
  console.error(`SKIPPED: ${skip}`);
  return { path: tool, skip };
}

/** Debian puts each version of PostgreSQL's server into a folder of its own; the newest first. */
function postgresFolders(): string[] {
  const versions = '/usr/lib/postgresql';
  try {
    return readdirSync(versions)
      .sort((a, b) => Number(b) - Number(a))
      .map((version) => join(versions, version, 'bin'));
  } catch {
    return [];
  }
}

function findProgram(names: readonly string[]): string | null {
  const folders = [
    ...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean),
    ...SYSTEM_FOLDERS,
    ...postgresFolders(),
  ];
  for (const name of names) {
    const found = folders.map((folder) => join(folder, name)).find(isExecutable);
    if (found !== undefined) return found;
  }
  return null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Folders of this process's tests. Hooks run in the order they were asked for: what stops after its folder went may have made it anew. */
const folders = new Set<string>();
process.once('exit', () => folders.forEach(removeFolder));

/** A fresh folder, removed with all it holds when the running test (or, called beside tests, their suite) ends. */
export function tempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'lineside-test-'));
  folders.add(dir);
  after(() => {
    try {
      removeFolder(dir);
    } catch {
      // Somebody is stopped only after this and writes into it still: it goes with the process.
    }
  });
  return dir;
}

function removeFolder(dir: string): void {
  rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
}

/** A TCP port on 127.0.0.1 that was free a moment ago, for programs that cannot be given port 0. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => {
        if (typeof address === 'object' && address !== null) resolve(address.port);
        else reject(new Error(`expected a TCP address from the system, got ${String(address)}`));
      });
    });
  });
}
