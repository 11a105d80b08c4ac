import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { z } from 'zod';
import { runLineside } from '../../factories/lineside.js';
import { requireTool, tempDir } from '../../factories/tools.js';

const mosquitto = requireTool('mosquitto');
const Failures = { lost: z.number(), late: z.number(), notPassed: z.record(z.string(), z.number()) };
const Figures = z.object({
  serviceMs: z.number().positive(),
  sustained: z.array(
    z.object({
      ...Failures,
      road: z.string(),
      cameras: z.number(),
      framesPerSecond: z.number().positive(),
      cpuMsPerFrame: z.number().positive(),
    }),
  ),
  latencies: z.array(z.object({ ...Failures, road: z.string(), p50Ms: z.number(), p99Ms: z.number() })),
  swap: z.object({ ...Failures, answered: z.number(), models: z.record(z.string(), z.number()) }),
  starts: z.object({ firstMs: z.number().positive(), laterMs: z.number().positive() }),
  peakMemoryMb: z.number().positive(),
  small: z.object({ ...Failures, cores: z.number().positive() }),
});
/** What a machine that is too slow for the pace makes of a frame; how fast it goes is nobody's business here. */
const TOO_SLOW = new Set(['LATE', 'OVERLOAD']);
/** As little work as there is. */
const SHORT = ['--backbone', 'mobilenet-v2-0.35', '--cameras', '2', '--seconds', '0.2', '--rounds', '1'];
const BROKER = ['--mosquitto', mosquitto.path];

describe('lineside bench frame-path', { skip: mosquitto.skip }, () => {
  it('drives a bare loop and the inspector in both precisions, and says that there is no peer', async () => {
    const { exitCode, stdout, stderr } = await runLineside(['bench', 'frame-path', ...SHORT, ...BROKER, '--json']);
    assert.equal(exitCode, 0, stderr);
    assert.match(stderr, /^Without --python there is no peer/m);
    const { sustained, latencies, swap, small } = Figures.parse(JSON.parse(stdout));
    assert.deepEqual(
      sustained.map(({ road, cameras }) => [road, cameras]),
      ['bare loop', 'inspector, fp32', 'inspector, as certified'].map((road) => [road, 2]),
    );
    for (const road of [...sustained, ...latencies, swap, small]) {
      assert.equal(road.lost, 0);
      assert.deepEqual(
        Object.keys(road.notPassed).filter((reason) => !TOO_SLOW.has(reason)),
        [],
      );
    }
    // Both models had a word, and the first one the last.
    assert.deepEqual(
      new Set(Object.keys(swap.models).map((where) => where.split(' ')[0])),
      new Set(['bench-1', 'bench-2']),
    );
  });

  it('says what is wrong with a Python that cannot inspect, and a broker that is none', async () => {
    const file = join(tempDir(), 'python');
    writeFileSync(file, `#!/bin/sh\necho "ModuleNotFoundError: No module named 'cv2'" >&2; exit 1\n`);
    chmodSync(file, 0o755);
    const python = await runLineside(['bench', 'frame-path', ...SHORT, ...BROKER, '--python', file]);
    assert.match(python.stderr, /^error BENCH_PYTHON: .*No module named 'cv2'\. Expected a Python with paho-mqtt/m);
    const broker = await runLineside(['bench', 'frame-path', '--mosquitto', '/nowhere/mosquitto']);
    assert.match(broker.stderr, /^error BENCH_BROKER: /m);
  });

  it('writes between the marks of a file alone, and only where they are', async () => {
    const file = join(tempDir(), 'figures.md');
    writeFileSync(file, 'no marks');
    const { stderr } = await runLineside(['bench', 'frame-path', '--write', file, ...BROKER]);
    assert.match(stderr, /^error BENCH_REPORT: .* has no place for figures/m);
    assert.equal(readFileSync(file, 'utf8'), 'no marks');
  });
});
