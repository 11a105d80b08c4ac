import { InputError, RefusedError } from '#contracts';
import { listSome } from './list-some.js';
import type { Sample } from './sample.js';
import type { Split } from './split.js';

/**
 * The leak guard: one picture, byte for byte, must not be learned on one side and tested on another, nor be good and
 * defective at once. Sides made by `splitDataset` never leak; a split that is given may.
 * @param split verified (`sha256` set)
 * @throws RefusedError LEAK, InputError LABEL_CONFLICT naming the pictures
 */
export function refuseLeaks(split: Split): void {
  const first = new Map<string, Sample>();
  const leaks: string[] = [];
  const conflicts: string[] = [];
  for (const sample of [...split.train, ...split.val, ...split.test]) {
    if (sample.sha256 === undefined) continue;
    const twin = first.get(sample.sha256);
    if (twin === undefined) first.set(sample.sha256, sample);
    else if (twin.label !== sample.label)
      conflicts.push(`${twin.path} (${twin.label}) = ${sample.path} (${sample.label})`);
    else if (twin.split !== sample.split) leaks.push(`${twin.path} (${twin.split}) = ${sample.path} (${sample.split})`);
  }
  if (conflicts.length > 0) {
    throw new InputError(
      'LABEL_CONFLICT',
      `${conflicts.length} pictures have one content and two labels: ${listSome(conflicts)}. Decide what each one is and remove its twin.`,
    );
  }
  if (leaks.length > 0) {
    throw new RefusedError(
      'LEAK',
      `${leaks.length} pictures of the split are on two sides, byte for byte: ${listSome(leaks)}. Every figure would flatter. Move the twins to one side, or leave the split to the training.`,
    );
  }
}
