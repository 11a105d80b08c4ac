import { DataSource } from 'typeorm';
import type { PartPage, PartQuery, VerdictPage, VerdictQuery } from '#contracts';
import { keepFewPages } from './durability.js';
import { PlantDatabase, type PlantPlace, unusable } from './plant-database.js';
import { type Forwarded, PlantFeed } from './plant-feed.js';
import { findOfPart, searchParts, searchVerdicts } from './plant-search.js';
import type { SpokenOf } from './rows.js';

export interface PlantOptions {
  readonly inspectorId: string;
  readonly ledgerFile: string;
  readonly place: PlantPlace;
}

/** What the plant database's thread serves: the way in from the ledger, and the way out to the page. */
export class PlantStore {
  private constructor(
    private readonly inspectorId: string,
    private readonly ledger: DataSource,
    private readonly feed: PlantFeed,
    private readonly plant: PlantDatabase,
  ) {}

  /** @throws DependencyError PLANT_OPEN where the ledger cannot be read; a plant database that is away fails the calls that use it */
  static async open({ inspectorId, ledgerFile, place }: PlantOptions): Promise<PlantStore> {
    const file = { database: ledgerFile, readonly: true, prepareDatabase: keepFewPages };
    const ledger = new DataSource({ type: 'better-sqlite3', ...file });
    try {
      await ledger.initialize();
      const feed = await PlantFeed.open(inspectorId, ledger);
      return new PlantStore(inspectorId, ledger, feed, new PlantDatabase(place));
    } catch (cause) {
      throw unusable('PLANT_OPEN', cause);
    }
  }

  /** Open the plant database and bring it up to this version, unless it is open. @throws DependencyError PLANT_WRITE */
  connect(): Promise<void> {
    return this.plant.use('PLANT_WRITE', async () => undefined);
  }

  /** Bring the next rows over. @throws DependencyError PLANT_WRITE */
  forward(): Promise<Forwarded> {
    return this.plant.use('PLANT_WRITE', (plant) => this.feed.forward(plant));
  }

  /** Ledger rows still to be brought over, of which the ledger alone is asked; null where the plant database was never reached. */
  toCome(): Promise<number | null> {
    return this.feed.toCome();
  }

  /** This inspector's verdicts on frames, newest first. @throws DependencyError PLANT_READ */
  search(query: VerdictQuery): Promise<VerdictPage> {
    return this.plant.use('PLANT_READ', (plant) => searchVerdicts(plant, { inspectorId: this.inspectorId, query }));
  }

  /** This inspector's verdicts on parts of several views, newest first. @throws DependencyError PLANT_READ */
  searchParts(query: PartQuery): Promise<PartPage> {
    return this.plant.use('PLANT_READ', (plant) => searchParts(plant, { inspectorId: this.inspectorId, query }));
  }

  /**
   * The newest record of a part: its inspection where it has several views, else its frame. Also where it is still to be
   * brought over: what is there may be an earlier one.
   * @throws DependencyError PLANT_READ
   */
  newestOf(partId: string): Promise<SpokenOf | null> {
    const { inspectorId, feed } = this;
    return this.plant.use('PLANT_READ', async (plant) => {
      for (const kind of ['part', 'frame'] as const) {
        const id =
          (await feed.newestToCome(plant, kind, partId)) ??
          (await feed.newestAmong(kind, await findOfPart(plant, { inspectorId, kind, partId })));
        if (id !== null) return { kind, id };
      }
      return null;
    });
  }

  async stop(): Promise<void> {
    await this.ledger.destroy();
    await this.plant.close();
  }
}
