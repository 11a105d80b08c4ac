import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { InputError, messageOf } from '#contracts';
import { readMetadata, readSafetensors, type StoredTensor } from '#model/weights/safetensors';
import { writeSafetensors } from '#model/weights/write-safetensors';
import { readIfThere } from '../read-if-there.js';
import { writeWhole } from '../write-whole.js';
import type { Epoch } from './keep.js';

/** Where a phase stands between two steps: all that the next step depends on. */
export interface FitState {
  /** Steps done since the phase began. */
  readonly step: number;
  /** Sum of the losses of the epoch's steps so far. */
  readonly lossSum: number;
  /** Flat, as the crew has them. */
  readonly weights: Float32Array;
  readonly moments: readonly Float32Array[];
  /** null where weights are not averaged. */
  readonly average: Float32Array | null;
  readonly best: Epoch;
  /** The last epoch that was judged. */
  readonly last: Epoch;
}

const Numbered = z.object({ epoch: z.number().int() });
const Header = z.object({
  step: z.number().int(),
  lossSum: z.number(),
  best: Numbered,
  last: Numbered,
  moments: z.number().int(),
});

/** Write a phase's state to a file; it appears whole or not at all. A safetensors file: other tools can read the weights. */
export async function writeCheckpoint(file: string, state: FitState): Promise<void> {
  const { step, lossSum, weights, moments, average, best, last } = state;
  const header: z.infer<typeof Header> = {
    step,
    lossSum,
    best: { epoch: best.epoch },
    last: { epoch: last.epoch },
    moments: moments.length,
  };
  const flat = (data: Float32Array): StoredTensor => ({ shape: [data.length], data });
  const tensors = new Map([
    ['weights', flat(weights)],
    ...moments.map((moment, i) => [`moment${i}`, flat(moment)] as const),
    ...(average === null ? [] : [['average', flat(average)] as const]),
    ['best', flat(best.weights)],
    ['last', flat(last.weights)],
  ]);
  const told = JSON.stringify(header);
  const check = String(checksum(told, [...tensors.values()]));
  await writeWhole(file, writeSafetensors(tensors, { state: told, check }));
}

/** CRC-32 of the header and of every tensor, in the order of the file. */
function checksum(header: string, tensors: Iterable<StoredTensor>): number {
  let sum = crc32(header);
  for (const { data } of tensors) sum = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), sum);
  return sum;
}

/**
 * Read what {@link writeCheckpoint} wrote.
 * @returns null where there is no such file
 * @throws InputError CHECKPOINT_BROKEN when the file is something else, or no longer as it was written
 */
export async function readCheckpoint(file: string): Promise<FitState | null> {
  const bytes = await readIfThere(file);
  if (bytes === null) return null;
  try {
    const tensors = readSafetensors(bytes);
    const part = (name: string): Float32Array => {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`it has no ${name}`);
      return tensor.data;
    };
    const { state = '', check } = readMetadata(bytes);
    if (String(checksum(state, tensors.values())) !== check) throw new Error('it is not as it was written');
    const { moments, best, last, ...header } = Header.parse(JSON.parse(state));
    return {
      ...header,
      weights: part('weights'),
      moments: Array.from({ length: moments }, (_, i) => part(`moment${i}`)),
      average: tensors.get('average')?.data ?? null,
      best: { ...best, weights: part('best') },
      last: { ...last, weights: part('last') },
    };
  } catch (cause) {
    throw new InputError(
      'CHECKPOINT_BROKEN',
      `Checkpoint ${file} cannot be read: ${messageOf(cause)}. Delete it to begin this phase anew, or train with --anew.`,
      { cause },
    );
  }
}
