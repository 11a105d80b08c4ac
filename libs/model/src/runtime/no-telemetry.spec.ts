import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { tempDir } from '../../../../test/factories/tools.js';
import { smallestGraph } from './smallest-graph.js';

const run = promisify(execFile);

/** Open a session in a process whose home and temporary files lie in an empty folder; what it leaves there. */
async function filesLeftBy(session: 'OnnxSession' | 'ThreadedSession'): Promise<string[]> {
  const [home, own] = [tempDir(), tempDir()];
  const [graph, script] = [join(own, 'smallest.onnx'), join(own, 'open.mjs')];
  writeFileSync(graph, smallestGraph());
  const module = session === 'OnnxSession' ? './onnx-session.js' : './threaded-session.js';
  writeFileSync(
    script,
    `const { ${session} } = await import('${new URL(module, import.meta.url)}');
    const session = await ${session}.open(${JSON.stringify(graph)});
    await session.run({ data: new Uint8Array(12), count: 1, height: 2, width: 2 });
    await session.close();`,
  );
  const env = { HOME: home, TMPDIR: home, XDG_CACHE_HOME: join(home, 'cache') };
  await run(process.execPath, [script], { env });
  return readdirSync(home, { recursive: true }).map(String);
}

describe('ONNX Runtime', () => {
  for (const session of ['OnnxSession', 'ThreadedSession'] as const)
    it(`keeps no book of its own about what runs: ${session}`, async () =>
      assert.deepEqual(await filesLeftBy(session), []));
});
