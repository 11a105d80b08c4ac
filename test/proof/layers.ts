import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { findBackbone } from '#model/backbones/find';
import { digest, LEFT_ASIDE, type Structure, structureOf } from '../factories/structure.js';
import { type EnvironmentName, ROOT, SCRIPTS } from './environment.js';

const Written = z.record(
  z.string(),
  z.object({ tensors: z.array(z.string()), parts: z.array(z.string()), layers: z.array(z.string()).default([]) }),
);

/** How many lines of a difference are worth reading. */
const SHOWN = 5;

/** Compare every network's structure with its library's, line by line. Returns what differs, in words. */
export async function compareLayers(library: EnvironmentName, python: string): Promise<string[]> {
  return [...listStructures(library, python)].flatMap(([key, theirs]) => {
    const [variant, name] = key.split('/');
    const ours = structureOf(findBackbone(name ?? '', variant));
    const differences = (['tensors', 'parts', 'layers'] as const).flatMap((what) =>
      compareLines(ours[what], theirs[what]),
    );
    console.log(
      `${key}: ${ours.tensors.length} tensors, ${ours.parts.length} parts, ${ours.layers.length} layers behind the input`,
    );
    return differences.slice(0, SHOWN).map((line) => `${key}: ${line}`);
  });
}

/** Write digests of every structure to test/golden/structures.json. */
export async function writeStructures(pythons: Readonly<Record<EnvironmentName, string>>): Promise<void> {
  const all = [...listStructures('keras', pythons.keras), ...listStructures('torch', pythons.torch)];
  const digests = all
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, { tensors, parts, layers }]) => [
      key,
      { tensors: digest(tensors), parts: digest(parts), layers: digest(layers) },
    ]);
  writeFileSync(join(ROOT, 'test/golden/structures.json'), `${JSON.stringify(Object.fromEntries(digests), null, 2)}\n`);
  console.log('wrote test/golden/structures.json');
}

function listStructures(library: EnvironmentName, python: string): Map<string, Structure> {
  const dir = mkdtempSync(join(tmpdir(), 'lineside-proof-'));
  try {
    const file = join(dir, 'structures.json');
    const { status, stderr } = spawnSync(python, [join(SCRIPTS, 'write_structures.py'), library, file], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`write_structures.py ${library} failed: ${stderr.slice(-2000)}`);
    const written = Written.parse(JSON.parse(readFileSync(file, 'utf8')));
    return new Map(
      Object.entries(written).map(([key, { tensors, parts, layers }]) => [
        key,
        // The input layer's name is the builder's choice.
        {
          tensors: tensors.filter((line) => !LEFT_ASIDE.test(line)).sort(),
          parts: parts.sort(),
          layers: layers.slice(1),
        },
      ]),
    );
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function compareLines(ours: readonly string[], theirs: readonly string[]): string[] {
  const [own, other] = [new Set(ours), new Set(theirs)];
  const apart = [
    ...ours.filter((line) => !other.has(line)).map((line) => `only here: ${line}`),
    ...theirs.filter((line) => !own.has(line)).map((line) => `only there: ${line}`),
  ];
  return apart.length > 0 || ours.join('\n') === theirs.join('\n') ? apart : ['the same lines in another order'];
}
