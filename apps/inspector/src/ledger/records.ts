import type { PartPage, PartQuery, Verdict, VerdictPage, VerdictQuery } from '#contracts';
import { PageRecords } from '../dashboard/records.js';
import type { Ledger } from './ledger.js';
import type { PictureStore } from './pictures.js';
import type { Plant } from './plant.js';

export interface RecordsOptions {
  readonly pictures: Pick<PictureStore, 'read'>;
  readonly plant: Pick<Plant, 'search' | 'searchParts'>;
  readonly ledger: Pick<Ledger, 'viewsOf'>;
}

/** What the page reads from disk: kept pictures, the plant database, and by its name the views of one part. */
export class Records extends PageRecords {
  constructor(private readonly options: RecordsOptions) {
    super();
  }

  findPicture(frameId: string): Promise<Uint8Array | null> {
    return this.options.pictures.read(frameId);
  }

  search(query: VerdictQuery): Promise<VerdictPage> {
    return this.options.plant.search(query);
  }

  searchParts(query: PartQuery): Promise<PartPage> {
    return this.options.plant.searchParts(query);
  }

  viewsOf(inspection: string): Promise<Verdict[] | null> {
    return this.options.ledger.viewsOf(inspection);
  }
}
