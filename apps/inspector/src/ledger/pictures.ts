import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DependencyError, type Frame, messageOf, type Verdict } from '#contracts';
import { freeBytes } from '#contracts/free-bytes';
import type { CloseRequest } from './rows.js';

const CONTENT_HASH = /^[0-9a-f]{64}$/;
/** Pictures being written at once; a disk slower than that loses pictures, never frames. */
const MAX_WRITING = 32;
/** First 8 hex digits of a hash count up to here. */
const HASH_RANGE = 0x1_0000_0000;

export interface PictureOptions {
  readonly dir: string;
  /** Share of PASS pictures kept; every reject is, with all views of its part. */
  readonly keepPass: number;
  /** Every picture of this lot is kept. */
  readonly isHeld: (lot: string | null) => boolean;
  /** Content hash of the picture kept for a frame. */
  readonly hashOf: (frameId: string) => Promise<string | null>;
  /** Durable: this picture of a closed frame is kept after all. @throws DependencyError LEDGER_WRITE */
  readonly record: (kept: CloseRequest) => Promise<void>;
  /** Told of each picture written (null) or lost (why). */
  readonly onKept: (problem: string | null) => void;
}

/** Pictures as files under their content hash: every reject with all views of its part, a sample of the passes. */
export class PictureStore {
  private writing = 0;

  constructor(private readonly options: PictureOptions) {}

  /** @throws DependencyError PICTURES_OPEN when the folder cannot be made */
  async start(): Promise<void> {
    const { dir } = this.options;
    try {
      await mkdir(dir, { recursive: true });
    } catch (cause) {
      throw new DependencyError(
        'PICTURES_OPEN',
        `Folder ${dir} for pictures cannot be made: ${messageOf(cause)}. Check inspector.dataDir.`,
        { cause },
      );
    }
  }

  /** Content hash under which this frame's picture will be kept; null when it is not. The same frame, the same choice. */
  choose(
    { frameId, bytes, lot }: Pick<Frame, 'frameId' | 'bytes' | 'lot'>,
    { verdict }: Pick<Verdict, 'verdict'>,
  ): string | null {
    if (bytes.byteLength === 0) return null;
    const isSampled = () => Number.parseInt(sha256(frameId).slice(0, 8), 16) < this.options.keepPass * HASH_RANGE;
    return verdict !== 'PASS' || this.options.isHeld(lot) || isSampled() ? sha256(bytes) : null;
  }

  /** Write a chosen picture. Never throws: a lost picture is told and counted, the line goes on. */
  async keep(hash: string, bytes: Uint8Array): Promise<void> {
    const { onKept } = this.options;
    if (this.writing >= MAX_WRITING) return onKept('more pictures come than the disk takes');
    this.writing += 1;
    try {
      await this.write(hash, bytes);
      onKept(null);
    } catch (error) {
      // Without the file's own name: what ails the disk is the same for every picture.
      onKept(`${this.options.dir} takes no pictures: ${(error as NodeJS.ErrnoException).code ?? messageOf(error)}`);
    } finally {
      this.writing -= 1;
    }
  }

  /** A frame was recorded as a pass and is a reject all the same: keep its picture as one. Never throws, as `keep`. */
  async keepLater(verdict: Verdict, bytes: Uint8Array): Promise<void> {
    if (bytes.byteLength === 0) return;
    const picture = sha256(bytes);
    try {
      await this.options.record({ verdict, picture });
    } catch (error) {
      return this.options.onKept(messageOf(error));
    }
    await this.keep(picture, bytes);
  }

  /**
   * @param key a frameId or a content hash. @returns the encoded picture; null when it was not kept or is gone
   * @throws DependencyError PICTURES_READ where the folder cannot be read
   */
  async read(key: string): Promise<Uint8Array | null> {
    // A camera may well call a frame by a hash.
    const hash = (await this.options.hashOf(key)) ?? (CONTENT_HASH.test(key) ? key : null);
    if (hash === null) return null;
    return readFile(this.fileOf(hash))
      .catch(whereMissing(() => null))
      .catch((cause: unknown) => {
        throw new DependencyError(
          'PICTURES_READ',
          `Picture of ${key} cannot be read: ${messageOf(cause)}. Check the folder and its disk.`,
          { cause },
        );
      });
  }

  /** @returns false when it was gone before. @throws what the file system says, also where the whole folder is gone */
  async remove(hash: string): Promise<boolean> {
    return unlink(this.fileOf(hash)).then(
      () => true,
      whereMissing(async () => {
        // A disk that is not mounted now has its pictures still.
        await access(this.options.dir);
        return false;
      }),
    );
  }

  /** What their disk has left, which need not be the ledger's. @throws what the file system says */
  freeBytes(): Promise<number> {
    return freeBytes(this.options.dir);
  }

  private async write(hash: string, bytes: Uint8Array): Promise<void> {
    const file = this.fileOf(hash);
    const unfinished = `${file}.${randomUUID()}`;
    try {
      // Its folder is nearly always there.
      await writeFile(unfinished, bytes).catch(
        whereMissing(async () => {
          await mkdir(dirname(file), { recursive: true });
          await writeFile(unfinished, bytes);
        }),
      );
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  private fileOf(hash: string): string {
    return join(this.options.dir, hash.slice(0, 2), hash);
  }
}

function whereMissing<T>(then: () => T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return then();
    throw error;
  };
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
