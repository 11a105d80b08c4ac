import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { requireTool } from '../../factories/tools.js';
import type { Family, Fault } from '../fault.js';
import type { ChaosLine } from '../line.js';

interface Spoiling {
  readonly name: string;
  readonly file: string;
  readonly spoil: (bytes: Buffer) => Buffer;
  /** What the state topic must say. */
  readonly reason: string;
}

const SPOILINGS: readonly Spoiling[] = [
  {
    name: 'corrupted model file',
    file: 'model.onnx',
    spoil: (bytes) => {
      const spoilt = Buffer.from(bytes);
      const middle = Math.floor(spoilt.byteLength / 2);
      spoilt.writeUInt8(spoilt.readUInt8(middle) ^ 1, middle);
      return spoilt;
    },
    reason: 'MODEL_HASH',
  },
  {
    name: 'wrong hash in the model card',
    file: 'card.json',
    spoil: (bytes) => Buffer.from(bytes.toString().replace(/"model\.onnx": "[0-9a-f]{4}/, '"model.onnx": "0000')),
    reason: 'MODEL_HASH',
  },
  {
    name: 'model without certificate',
    file: 'card.json',
    spoil: (bytes) => editCard(bytes, (precision) => delete precision['certification']),
    reason: 'NO_MODEL',
  },
  {
    name: 'model certified on no picture',
    file: 'card.json',
    spoil: (bytes) => editCard(bytes, (precision) => Object.assign(precision['certification'] ?? {}, { pictures: 0 })),
    // A card like any other, but not the one that was promoted.
    reason: 'MODEL_HASH',
  },
];

/** A model that is not what was certified never inspects: the inspector stays NOT_READY and the gate shut. */
export const BAD_MODEL: Family = {
  name: 'model',
  skip: requireTool('mosquitto').skip,
  lay: async () => ({}),
  startsReady: false,
  faults: SPOILINGS.map(makeFault),
};

function makeFault({ name, file, spoil, reason }: Spoiling): Fault {
  return {
    name,
    staysDown: true,
    run: async (line) => {
      const path = join(line.registry.path('tiny-1'), file);
      const sound = readFileSync(path);
      writeFileSync(path, spoil(sound));
      const startedAt = performance.now();
      await line.forkInspector();
      await untilRefused(line, reason);
      line.course.tookToShow(performance.now() - startedAt, `NOT_READY(${reason})`);
      await wait(line.windowMs);
      await line.feed.rest();
      await line.stopInspector();
      writeFileSync(path, sound);
      return undefined;
    },
  };
}

async function untilRefused({ witness, cameras }: ChaosLine, reason: string): Promise<void> {
  const isSaid = (): boolean => cameras.every((camera) => witness.reasonOf(camera) === reason);
  await witness.until(isSaid, `NOT_READY(${reason})`, 20_000);
}

type Json = Record<string, object | undefined>;

function editCard(bytes: Buffer, edit: (precision: Json) => unknown): Buffer {
  const card = JSON.parse(bytes.toString()) as { precisions: Json[] };
  for (const precision of card.precisions) edit(precision);
  return Buffer.from(JSON.stringify(card));
}
