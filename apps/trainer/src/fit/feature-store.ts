import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { InputError, InvariantError } from '#contracts';
import { explainFull } from '../write-whole.js';
import { toHalf } from './half.js';

/** Lengths of one view's record. */
export interface RecordShape {
  readonly embedding: number;
  /** 0 where nothing is kept at the cut. */
  readonly cut: number;
  /** What the guard measures; in single precision, because half a digit of a small spread is many distances. Default none. */
  readonly pooled?: number;
}
export type RecordPart = keyof RecordShape;

/** What a reader in another thread needs: where the shards lie, in the order their records count. */
export interface StoreLayout {
  readonly shape: RecordShape;
  /** Paths without their endings. */
  readonly shards: readonly string[];
  /** Shards at the end whose records are written over while they are used; default none. */
  readonly changing?: number;
}

/** Which view of which picture a record holds. */
export interface RecordKey {
  readonly pictureSha256: string;
  readonly view: string;
}

export interface FeatureRecord extends RecordKey {
  readonly embedding: Float32Array;
  readonly cut: Float32Array;
  readonly pooled?: Float32Array;
}

/** Few large files instead of many small ones; two open files each while they are read. */
export const RECORDS_PER_SHARD = 4096;

export const BYTES_PER_VALUE: Readonly<Record<RecordPart, number>> = { embedding: 2, cut: 2, pooled: 4 };
/** Behind the values of every record, in every part: their CRC-32, little-endian. */
export const CHECK_BYTES = 4;

/**
 * Features of pictures on disk, nearly all as halves, found again by what went into them. A run that sees the same pictures,
 * weights and preprocessing reads instead of computing.
 *
 * A shard is a few files: records of fixed length in `.embedding`, `.cut` and, where there is any, `.pooled`, each with its
 * checksum, and one line per record in `.index`, `<sha256 of the picture> <view> <place in the shard> <CRC-32 of the line so far>`. The line is
 * written when its values are on the disk, so after a crash a record counts whole or not at all, and what a disk gives back
 * changed is never taken for what was written. A run writes shards of its own: runs side by side do not meet.
 */
export class FeatureStore {
  readonly shape: RecordShape;
  readonly #dir: string;
  readonly #shards: string[] = [];
  readonly #records = new Map<string, number>();
  #writer: ShardWriter | null = null;

  private constructor(dir: string, shape: RecordShape) {
    this.#dir = dir;
    this.shape = shape;
  }

  /**
   * Find what earlier runs left.
   * @param of everything that shapes the features besides the picture and its view
   */
  static async open(dir: string, of: { shape: RecordShape; network: unknown }): Promise<FeatureStore> {
    const name = createHash('sha256')
      .update(JSON.stringify({ layout: 'checked shards', ...of }))
      .digest('hex')
      .slice(0, 16);
    const store = new FeatureStore(join(dir, name), of.shape);
    await mkdir(store.#dir, { recursive: true });
    const indexes = (await readdir(store.#dir)).filter((file) => file.endsWith('.index')).sort();
    for (const file of indexes) await store.#take(join(store.#dir, file.slice(0, -'.index'.length)));
    return store;
  }

  get layout(): StoreLayout {
    return { shape: this.shape, shards: [...this.#shards] };
  }

  /** What one record takes on the disk. */
  get recordBytes(): number {
    return partsOf(this.shape).reduce((sum, part) => sum + strideOf(this.shape, part), 0);
  }

  /** Number of a record; undefined where it has not been computed yet. */
  find(key: RecordKey): number | undefined {
    return this.#records.get(nameOf(key));
  }

  /**
   * Write records behind the others; each appears whole or not at all.
   * @throws InputError FEATURES_RANGE when a value is no number or more than half precision holds
   * @throws DependencyError DISK_FULL
   */
  async append(records: readonly FeatureRecord[]): Promise<void> {
    for (const { embedding, cut } of records) {
      assertRange(embedding);
      assertRange(cut);
    }
    let from = 0;
    while (from < records.length) {
      this.#writer ??= await this.#startShard();
      const some = records.slice(from, from + RECORDS_PER_SHARD - this.#writer.count);
      const first = (this.#shards.length - 1) * RECORDS_PER_SHARD + this.#writer.count;
      await this.#writer.append(some).catch(explainFull(this.#dir));
      for (const [i, record] of some.entries()) this.#records.set(nameOf(record), first + i);
      if (this.#writer.count === RECORDS_PER_SHARD) await this.close();
      from += some.length;
    }
  }

  /**
   * Write over records by number, from `first` on, for features that change while they are used.
   * @throws InputError FEATURES_RANGE
   */
  async overwrite(first: number, records: readonly FeatureRecord[]): Promise<void> {
    for (const { embedding, cut } of records) {
      assertRange(embedding);
      assertRange(cut);
    }
    for (let from = 0; from < records.length; ) {
      const place = (first + from) % RECORDS_PER_SHARD;
      const some = records.slice(from, from + RECORDS_PER_SHARD - place);
      const shard = this.#shards[Math.floor((first + from) / RECORDS_PER_SHARD)];
      for (const part of partsOf(this.shape)) {
        const file = await open(`${shard}.${part}`, 'r+');
        const bytes = toBytes(some, part);
        // An offset of null would make Node forget the position and write at the file's beginning.
        await file.write(bytes, 0, bytes.length, place * strideOf(this.shape, part)).finally(() => file.close());
      }
      from += some.length;
    }
  }

  /** End writing; what was written can still be found. */
  async close(): Promise<void> {
    await this.#writer?.close();
    this.#writer = null;
  }

  async #startShard(): Promise<ShardWriter> {
    // A cache may be removed at any time, also since it was opened.
    await mkdir(this.#dir, { recursive: true });
    const path = join(this.#dir, randomUUID());
    this.#shards.push(path);
    return ShardWriter.create(path, partsOf(this.shape));
  }

  /** What of a shard is whole: lines whose values are all there. One that lost a file has none. */
  async #take(shard: string): Promise<void> {
    const whole = await this.#wholeRecords(shard);
    if (whole === 0) return;
    const first = this.#shards.length * RECORDS_PER_SHARD;
    this.#shards.push(shard);
    for (const line of (await readFile(`${shard}.index`, 'latin1')).split('\n')) {
      const { name, place } = readLine(line) ?? { name: '', place: whole };
      if (place < whole && !this.#records.has(name)) this.#records.set(name, first + place);
    }
  }

  async #wholeRecords(shard: string): Promise<number> {
    const counts = await Promise.all(
      partsOf(this.shape).map(async (part) => {
        const bytes = strideOf(this.shape, part);
        if (bytes === 0) return RECORDS_PER_SHARD;
        const { size } = await stat(`${shard}.${part}`).catch(() => ({ size: 0 }));
        return Math.floor(size / bytes);
      }),
    );
    return Math.min(...counts);
  }
}

/** Appends to the files of one shard. */
class ShardWriter {
  count = 0;
  readonly #parts: ReadonlyMap<RecordPart, FileHandle>;
  readonly #index: FileHandle;

  private constructor(parts: ReadonlyMap<RecordPart, FileHandle>, index: FileHandle) {
    this.#parts = parts;
    this.#index = index;
  }

  static async create(path: string, parts: readonly RecordPart[]): Promise<ShardWriter> {
    const create = (ending: string) => open(`${path}.${ending}`, 'ax');
    const files = new Map<RecordPart, FileHandle>();
    for (const part of parts) files.set(part, await create(part));
    return new ShardWriter(files, await create('index'));
  }

  async append(records: readonly FeatureRecord[]): Promise<void> {
    for (const [part, file] of this.#parts) {
      await file.appendFile(toBytes(records, part));
      await file.datasync();
    }
    await this.#index.appendFile(records.map((record, i) => `${lineOf(record, this.count + i)}\n`).join(''));
    this.count += records.length;
  }

  async close(): Promise<void> {
    for (const file of [...this.#parts.values(), this.#index]) await file.close();
  }
}

function partsOf({ pooled = 0 }: RecordShape): RecordPart[] {
  return pooled === 0 ? ['embedding', 'cut'] : ['embedding', 'cut', 'pooled'];
}

/** Bytes from one record of a part to the next; 0 where nothing is kept. */
function strideOf(shape: RecordShape, part: RecordPart): number {
  const length = shape[part] ?? 0;
  return length === 0 ? 0 : length * BYTES_PER_VALUE[part] + CHECK_BYTES;
}

function toBytes(records: readonly FeatureRecord[], part: RecordPart): Uint8Array {
  return Buffer.concat(
    records.flatMap((record) => {
      const values = record[part] ?? new Float32Array();
      if (values.length === 0) return [];
      const { buffer, byteOffset, byteLength } = part === 'pooled' ? values : toHalf(values);
      const bytes = new Uint8Array(buffer, byteOffset, byteLength);
      const check = Buffer.alloc(CHECK_BYTES);
      check.writeUInt32LE(crc32(bytes));
      return [bytes, check];
    }),
  );
}

function nameOf({ pictureSha256, view }: RecordKey): string {
  if (/\s/.test(view)) throw new InvariantError(`View "${view}" cannot stand in an index.`);
  return `${pictureSha256} ${view}`;
}

function lineOf(key: RecordKey, place: number): string {
  const told = `${nameOf(key)} ${place}`;
  return `${told} ${crc32(told)}`;
}

const LINE = /^((\S+ \S+) (\d+)) (\d+)$/;

/** null where it is no line as it was written. */
function readLine(line: string): { name: string; place: number } | null {
  const [, told = '', name = '', place, check] = LINE.exec(line) ?? [];
  return check !== undefined && crc32(told) === Number(check) ? { name, place: Number(place) } : null;
}

/** Largest finite value of IEEE 754 half precision. */
const LARGEST_HALF = 65_504;

function assertRange(values: Float32Array): void {
  let at = 0;
  while (at < values.length && Math.abs(values[at] as number) <= LARGEST_HALF) at += 1;
  if (at === values.length) return;
  const wrong = values[at];
  throw new InputError(
    'FEATURES_RANGE',
    `The network gives ${wrong} where it is cut, expected values within ±${LARGEST_HALF}. Were the weights imported for another variant? See docs/backbones.md; or choose another fineTune.freeze.`,
  );
}
