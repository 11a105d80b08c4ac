import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Sample } from '#model/dataset/sample';
import { variantsOf } from '../augment/variants.js';
import { FeatureStore, RECORDS_PER_SHARD, type StoreLayout } from '../fit/feature-store.js';
import type { Plan } from '../plan/plan.js';
import type { TrainLog } from '../train-log.js';
import { type PassRequest, type Piece, passPictures } from './feature-pass.js';

export interface FreshRequest extends Omit<PassRequest, 'write' | 'onProgress' | 'augment'> {
  readonly samples: readonly Sample[];
  readonly plan: Pick<Plan, 'augment' | 'seed'>;
  readonly tiles: number;
  readonly cacheDir: string;
}

const PREFIX = 'fresh';

/**
 * Variants that are drawn anew for every epoch: their features lie in a store of their own that each epoch writes over.
 * Plain pictures never change; they come from the cache.
 */
export class FreshVariants {
  readonly #request: FreshRequest;
  readonly #dir: string;
  readonly #store: FeatureStore;
  #epoch = 0;

  private constructor(request: FreshRequest, dir: string, store: FeatureStore) {
    this.#request = request;
    this.#dir = dir;
    this.#store = store;
  }

  /** Make room on the disk and clear away what a run that was killed left. */
  static async start(request: FreshRequest): Promise<FreshVariants> {
    for (const name of await readdir(request.cacheDir)) {
      const [prefix, pid] = name.split('-');
      if (prefix === PREFIX && !isRunning(Number(pid)))
        await rm(join(request.cacheDir, name), { recursive: true, force: true });
    }
    const dir = join(request.cacheDir, `${PREFIX}-${process.pid}-${randomUUID()}`);
    return new FreshVariants(request, dir, await FeatureStore.open(dir, { shape: request.shape, network: PREFIX }));
  }

  /** Variants of a picture without the plain one. */
  get perPicture(): number {
    return this.#variants(1).length;
  }

  /** The same store in every epoch, behind another. */
  behind({ shards, shape }: StoreLayout): StoreLayout {
    const own = this.#store.layout.shards;
    return { shape, shards: [...shards, ...own], changing: own.length };
  }

  /** Records of a training picture's tile behind those of another store. */
  recordsOf(picture: number, { tile, behind }: { tile: number; behind: StoreLayout }): number[] {
    const { tiles } = this.#request;
    const first = behind.shards.length * RECORDS_PER_SHARD + picture * this.perPicture * tiles;
    return Array.from({ length: this.perPicture }, (_, variant) => first + variant * tiles + tile);
  }

  /** Draw the variants of an epoch, counted over both phases from 1; nothing happens where they are drawn already. */
  async draw(epoch: number, log: TrainLog): Promise<void> {
    if (epoch === this.#epoch) return;
    const { samples, plan } = this.#request;
    const variants = this.#variants(epoch);
    const pieces: Piece[] = samples.map((sample) => ({ sample, variants }));
    let at = 0;
    await passPictures(pieces, {
      ...this.#request,
      augment: plan.augment,
      write: async (records) => {
        if (this.#epoch === 0) await this.#store.append(records);
        else await this.#store.overwrite(at, records);
        at += records.length;
      },
      onProgress: (done) => log.progress({ step: 'variants', done, total: pieces.length }),
    });
    this.#epoch = epoch;
  }

  async close(): Promise<void> {
    await this.#store.close();
    await rm(this.#dir, { recursive: true, force: true });
    await this.#request.session.close();
  }

  #variants(epoch: number) {
    const { augment, seed } = this.#request.plan;
    return variantsOf(augment, { seed, epoch }).slice(1);
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process: it is there, we may not touch it.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
