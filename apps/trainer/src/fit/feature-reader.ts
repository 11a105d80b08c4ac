import { closeSync, openSync, readv } from 'node:fs';
import { crc32 } from 'node:zlib';
import { InputError, messageOf } from '#contracts';
import { BYTES_PER_VALUE, CHECK_BYTES, RECORDS_PER_SHARD, type RecordPart, type StoreLayout } from './feature-store.js';
import { fromHalf } from './half.js';

interface Reading {
  readonly records: readonly number[];
  readonly halves: Promise<Uint16Array>;
}

/** What a reader keeps of records that never change, so that small ones are read from the disk once in a phase. */
const KEPT_BYTES = 2 ** 26;
/** Shares that are read before they are asked for. */
const READ_AHEAD = 2;

/**
 * Reads one part of many records into a batch. What is expected next is read on libuv's threads while the thread that
 * asked computes, so that a training step does not wait for the disk.
 */
export class FeatureReader {
  /** Values of one record. */
  readonly length: number;
  readonly #shards: readonly string[];
  readonly #part: RecordPart;
  readonly #open = new Map<string, number>();
  /** Records from this one on are written over between epochs. */
  readonly #changing: number;
  readonly #kept = new Map<number, Uint16Array>();
  /** Oldest first: what is being computed on, and what comes after it. */
  #ahead: readonly Reading[] = [];

  constructor({ shape, shards, changing = 0 }: StoreLayout, part: RecordPart) {
    this.length = shape[part] ?? 0;
    this.#shards = shards;
    this.#part = part;
    this.#changing = (shards.length - changing) * RECORDS_PER_SHARD;
  }

  /** Start reading what `read` will be asked for next. */
  expect(records: readonly number[]): void {
    const halves = this.#load(records);
    // A failure is told to whoever asks for these records.
    halves.catch(() => undefined);
    this.#ahead = [...this.#ahead, { records, halves }].slice(-READ_AHEAD);
  }

  /**
   * Values of the records, one behind the other.
   * @throws InputError FEATURES_BROKEN when a shard is gone, too short, or no longer holds what was written
   */
  async read(records: readonly number[]): Promise<Float32Array> {
    const place = this.#ahead.findIndex((one) => isSame(one.records, records));
    const found = this.#ahead[place];
    this.#ahead = this.#ahead.slice(place + 1);
    const halves = await (found?.halves ?? this.#load(records));
    if (BYTES_PER_VALUE[this.#part] === 4) return new Float32Array(halves.buffer);
    const values = new Float32Array(halves.length);
    fromHalf(halves, values, 0);
    return values;
  }

  close(): void {
    for (const file of this.#open.values()) closeSync(file);
    this.#open.clear();
  }

  async #load(records: readonly number[]): Promise<Uint16Array> {
    const each = (this.length * BYTES_PER_VALUE[this.#part]) / Uint16Array.BYTES_PER_ELEMENT;
    const halves = new Uint16Array(records.length * each);
    await Promise.all(records.map((record, i) => this.#loadOne(record, halves.subarray(i * each, (i + 1) * each))));
    return halves;
  }

  async #loadOne(record: number, into: Uint16Array): Promise<void> {
    const kept = this.#kept.get(record);
    if (kept !== undefined) return into.set(kept);
    const file = `${this.#shards[Math.floor(record / RECORDS_PER_SHARD)]}.${this.#part}`;
    const check = Buffer.alloc(CHECK_BYTES);
    const length = into.byteLength + CHECK_BYTES;
    const at = (record % RECORDS_PER_SHARD) * length;
    const got = await this.#readAt(file, at, [into, check]).catch((cause: unknown) => {
      throw broken(file, messageOf(cause), cause);
    });
    if (got !== length) throw broken(file, `${got} of ${length} bytes at ${at}`);
    const bytes = new Uint8Array(into.buffer, into.byteOffset, into.byteLength);
    if (crc32(bytes) !== check.readUInt32LE()) throw broken(file, `at ${at} it holds other values than were written`);
    const hasRoom = (this.#kept.size + 1) * into.byteLength <= KEPT_BYTES;
    if (hasRoom && record < this.#changing) this.#kept.set(record, into.slice());
  }

  #readAt(path: string, at: number, into: readonly NodeJS.ArrayBufferView[]): Promise<number> {
    return new Promise((resolve, reject) => {
      const file = this.#open.get(path) ?? openSync(path, 'r');
      this.#open.set(path, file);
      readv(file, into, at, (error, got) => (error === null ? resolve(got) : reject(error)));
    });
  }
}

function isSame(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((record, i) => record === b[i]);
}

function broken(file: string, found: string, cause?: unknown): InputError {
  return new InputError(
    'FEATURES_BROKEN',
    `Cached features ${file} cannot be read: ${found}. Delete the folder they lie in and run again, with --resume to go on.`,
    { cause },
  );
}
