import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { KnownLooks } from '#model/dataset/known-looks';
import { type Look, type Seen, THUMBNAIL_SIDE } from '#model/dataset/look';
import { ORIENTATIONS } from '#model/dataset/orientations';
import type { Twins } from '#model/dataset/twins';
import { remembered } from './remembered.js';
import { writeWhole } from './write-whole.js';

/** Another name where looks are measured otherwise: what earlier versions saw is not found then. */
const FOLDER = 'looks-1';
const THUMBNAIL_BYTES = THUMBNAIL_SIDE ** 2;
/** Another number where twins are found otherwise. */
const TWINS = ['twins', 1];
const TwinList: z.ZodType<readonly Twins[]> = z.array(
  z.object({ first: z.int(), second: z.int(), likeness: z.number(), orientation: z.enum(ORIENTATIONS) }),
);

interface Place {
  readonly look: Look;
  readonly shard: string;
  readonly at: number;
}

/**
 * What pictures look like, on disk by the hash of their bytes: a run that opens the same pictures hashes them and need not
 * decode them, nor compare each with all others. A run writes one shard of what it saw first, thumbnails in `.grey`, then one
 * line per picture in `.index`: runs side by side do not meet, and a shard counts whole or not at all.
 */
export class LookStore implements KnownLooks {
  readonly #dir: string;
  readonly #places = new Map<string, Place>();
  readonly #handles = new Map<string, Promise<FileHandle>>();
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
    const place = this.#places.get(sha256);
    if (place === undefined) return undefined;
    const { look, shard, at } = place;
    const handle = this.#handles.get(shard) ?? open(shard);
    this.#handles.set(shard, handle);
    const thumbnail = new Uint8Array(THUMBNAIL_BYTES);
    const { bytesRead } = await (await handle).read(thumbnail, 0, THUMBNAIL_BYTES, at * THUMBNAIL_BYTES);
    return bytesRead === THUMBNAIL_BYTES ? { look, thumbnail } : undefined;
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
    for (const handle of this.#handles.values()) await (await handle).close();
    this.#handles.clear();
    if (this.#added.size === 0) return;
    const shard = join(this.#dir, randomUUID());
    await writeWhole(`${shard}.grey`, Buffer.concat([...this.#added.values()].map(({ thumbnail }) => thumbnail)));
    const lines = [...this.#added].map(([sha256, { look }]) => JSON.stringify({ sha256, look }));
    await writeWhole(`${shard}.index`, lines.join('\n'));
    this.#added.clear();
  }

  async #take(index: string): Promise<void> {
    const shard = join(this.#dir, index.replace(/index$/, 'grey'));
    if (!existsSync(shard)) return;
    for (const [at, { sha256, look }] of linesOf(await readFile(join(this.#dir, index), 'utf8')).entries())
      this.#places.set(sha256, { look, shard, at });
  }
}

/** None of what a disk gives back broken: those pictures are measured anew. */
function linesOf(index: string): { sha256: string; look: Look }[] {
  try {
    return JSON.parse(`[${index.replaceAll('\n', ',')}]`) as { sha256: string; look: Look }[];
  } catch {
    return [];
  }
}
