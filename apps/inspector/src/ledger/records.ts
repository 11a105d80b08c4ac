import type { VerdictPage, VerdictQuery } from '#contracts';
import { PageRecords } from '../dashboard/records.js';
import type { PictureStore } from './pictures.js';
import type { Plant } from './plant.js';

/** What the page reads from disk: kept pictures and the plant database. */
export class Records extends PageRecords {
  constructor(
    private readonly pictures: Pick<PictureStore, 'read'>,
    private readonly plant: Pick<Plant, 'search'>,
  ) {
    super();
  }

  findPicture(frameId: string): Promise<Uint8Array | null> {
    return this.pictures.read(frameId);
  }

  search(query: VerdictQuery): Promise<VerdictPage> {
    return this.plant.search(query);
  }
}
