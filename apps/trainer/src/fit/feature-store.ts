import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { access, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError } from '#contracts';
import { fromHalf, toHalf } from './half.js';

/** Lengths of one picture's record: the embedding first, then the values at the cut. */
export interface RecordShape {
  readonly embedding: number;
  readonly cut: number;
}

/**
 * Features of pictures on disk, one small file of halves each, found again by what went into them. A run that sees
 * the same pictures, weights and preprocessing reads instead of computing.
 */
export class FeatureStore {
  readonly #dir: string;
  readonly shape: RecordShape;

  /** @param of everything that shapes the features besides the picture itself */
  constructor(dir: string, of: { shape: RecordShape; network: unknown }) {
    const name = createHash('sha256').update(JSON.stringify(of)).digest('hex').slice(0, 16);
    this.#dir = join(dir, name);
    this.shape = of.shape;
  }

  /** Where the record of a picture's variant lies, whether or not it is there yet. */
  fileOf(pictureSha256: string, variant: string): string {
    return join(this.#dir, pictureSha256.slice(0, 2), `${pictureSha256}-${variant}.f16`);
  }

  async has(file: string): Promise<boolean> {
    return access(file).then(
      () => true,
      () => false,
    );
  }

  /**
   * Write one record; it appears whole or not at all.
   * @throws InputError FEATURES_RANGE when a value is no number or more than half precision holds
   */
  async put(file: string, record: { embedding: Float32Array; cut: Float32Array }): Promise<void> {
    assertRange(record.embedding);
    assertRange(record.cut);
    const halves = new Uint16Array(record.embedding.length + record.cut.length);
    halves.set(toHalf(record.embedding));
    halves.set(toHalf(record.cut), record.embedding.length);
    await mkdir(dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}.tmp`;
    await writeFile(unfinished, new Uint8Array(halves.buffer));
    await rename(unfinished, file);
  }
}

/** Largest finite value of IEEE 754 half precision. */
const LARGEST_HALF = 65_504;

function assertRange(values: Float32Array): void {
  const wrong = values.find((value) => !(Math.abs(value) <= LARGEST_HALF));
  if (wrong === undefined) return;
  throw new InputError(
    'FEATURES_RANGE',
    `The network gives ${wrong} where it is cut, expected values within ±${LARGEST_HALF}. Were the weights imported for another variant? See docs/backbones.md; or choose another fineTune.freeze.`,
  );
}

/**
 * Read one part of a record into a batch.
 * @throws InputError FEATURES_BROKEN when the file is not of this shape
 */
export function readRecord(
  file: string,
  options: { shape: RecordShape; part: keyof RecordShape; into: Float32Array; offset: number },
): void {
  const { shape, part, into, offset } = options;
  const bytes = readFileSync(file);
  if (bytes.byteLength !== 2 * (shape.embedding + shape.cut)) {
    throw new InputError(
      'FEATURES_BROKEN',
      `Cached features ${file} have ${bytes.byteLength} bytes. Delete the file and run again.`,
    );
  }
  const halves = new Uint16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
  fromHalf(part === 'embedding' ? halves.subarray(0, shape.embedding) : halves.subarray(shape.embedding), into, offset);
}
