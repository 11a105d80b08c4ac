import { randomUUID } from 'node:crypto';
import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { z } from 'zod';
import { readJson } from '#contracts';
import type { KnownLooks } from '#model/dataset/known-looks';
import { type Look, type Seen, THUMBNAIL_SIDE } from '#model/dataset/look';
import { ORIENTATIONS } from '#model/dataset/orientations';
import type { Twins } from '#model/dataset/twins';
import { remembered } from './remembered.js';
import { writeWhole } from './write-whole.js';

/** Another name where looks are measured otherwise: what earlier versions saw is not found then. */
const FOLDER = 'looks-2';
const THUMBNAIL_BYTES = THUMBNAIL_SIDE ** 2;
/** Another number where twins are found otherwise. */
const TWINS = ['twins', 1];
const TwinList: z.ZodType<readonly Twins[]> = z.array(
  z.object({ first: z.int(), second: z.int(), likeness: z.number(), orientation: z.enum(ORIENTATIONS) }),
);

/** A line of an index. `check`: CRC-32 of the picture's name, its look and its thumbnail. */
interface Line {
  readonly sha256: string;
  readonly look: Look;
  readonly check: number;
}

interface Place extends Line {
  readonly shard: string;
  readonly at: number;
}

/**
 * What pictures look like, on disk by the hash of their bytes: a run that opens the same pictures hashes them and need not
 * decode them, nor compare each with all others. A run writes one shard of what it saw first, thumbnails in `.grey`, then one
 * line per picture in `.index`: runs side by side do not meet, and what a disk does not give back as it was written is measured anew.
 */
export class LookStore implements KnownLooks {
  readonly #dir: string;
  readonly #places = new Map<string, Place[]>();
  /** null: it cannot be opened. */
  readonly #handles = new Map<string, Promise<FileHandle | null>>();
  readonly #added = new Map<string, Seen>();

  private constructor(dir: string) {
    this.#dir = dir;
  }

  /** Find what earlier runs left in the cache. */
  static async open(cacheDir: string): Promise<LookStore> {
    const store = new LookStore(join(cacheDir, FOLDER));
    await mkdir(store.#dir, { recursive: true });
    for (const file of await readdir(store.#dir)) if (file.endsWith('.index')) await store.#take(file);
    return store;
  }

  async find(sha256: string): Promise<Seen | undefined> {
    for (const place of this.#places.get(sha256) ?? []) {
      const seen = await this.#read(place);
      if (seen !== undefined) return seen;
    }
    return undefined;
  }

  add(sha256: string, seen: Seen): void {
    this.#added.set(sha256, seen);
  }

  twinsAmong(...[pictures, search]: Parameters<KnownLooks['twinsAmong']>): Promise<readonly Twins[]> {
    const of = [...TWINS, pictures.map(({ sha256, split, label }) => [sha256, split, label])];
    return remembered({ dir: this.#dir, of, schema: TwinList }, search);
  }

  /** Write what was added, and let go of the files. */
  async close(): Promise<void> {
    for (const handle of this.#handles.values()) await (await handle)?.close();
    this.#handles.clear();
    if (this.#added.size === 0) return;
    const shard = join(this.#dir, randomUUID());
    await writeWhole(`${shard}.grey`, Buffer.concat([...this.#added.values()].map(({ thumbnail }) => thumbnail)));
    const lines = [...this.#added].map(([sha256, seen]): string => {
      const line: Line = { sha256, look: seen.look, check: checkOf(sha256, seen) };
      return JSON.stringify(line);
    });
    await writeWhole(`${shard}.index`, lines.join('\n'));
    this.#added.clear();
  }

  async #take(index: string): Promise<void> {
    const shard = join(this.#dir, index.replace(/index$/, 'grey'));
    for (const [at, text] of (await readFile(join(this.#dir, index), 'utf8')).split('\n').entries()) {
      const line = readJson(text) as Partial<Line> | undefined;
      const { sha256, look, check } = line ?? {};
      if (sha256 === undefined || look === undefined || check === undefined) continue;
      const others = this.#places.get(sha256) ?? [];
      this.#places.set(sha256, [...others, { sha256, look, check, shard, at }]);
    }
  }

  /** undefined where it is not as it was written. */
  async #read({ sha256, look, check, shard, at }: Place): Promise<Seen | undefined> {
    const thumbnail = new Uint8Array(THUMBNAIL_BYTES);
    const opened = this.#handles.get(shard) ?? open(shard).catch(() => null);
    this.#handles.set(shard, opened);
    await (await opened)?.read(thumbnail, 0, THUMBNAIL_BYTES, at * THUMBNAIL_BYTES);
    const seen = { look, thumbnail };
    return checkOf(sha256, seen) === check ? seen : undefined;
  }
}

function checkOf(sha256: string, { look, thumbnail }: Seen): number {
  return crc32(thumbnail, crc32(JSON.stringify([sha256, look])));
}
