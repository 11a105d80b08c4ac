import { join } from 'node:path';
import type { InspectorConfig } from '#config';
import type { Reporter } from '../health/reporter.js';
import { type Ledger, makeLedger } from './ledger.js';
import { PictureRetention } from './picture-retention.js';
import { PictureStore } from './pictures.js';
import { Plant } from './plant.js';
import { Records } from './records.js';

export interface MakeArchiveOptions {
  readonly config: Pick<InspectorConfig, 'inspector' | 'ledger'>;
  readonly reporter: Pick<Reporter, 'picture' | 'picturesPruned' | 'clockLeap' | 'plant' | 'plantAnew'>;
  /** A thread of theirs ended by itself: nothing can be recorded any more. */
  readonly onDeath: (error: Error) => void;
}

/** What is kept of every frame. */
export interface Archive {
  readonly ledger: Ledger;
  readonly pictures: PictureStore;
  readonly retention: PictureRetention;
  readonly plant: Plant;
  /** Of all of these, what the page reads. */
  readonly records: Records;
}

/** Ledger, pictures and plant database, joined and not yet started: the line recovers between them. */
export function makeArchive({ config, reporter, onDeath }: MakeArchiveOptions): Archive {
  const { keepPassPictures, passPictureDays, rejectPictureDays, pruneBelowBytes } = config.ledger;
  const ledger = makeLedger(onDeath);
  const pictures = new PictureStore({
    dir: join(config.inspector.dataDir, 'pictures'),
    keepPass: keepPassPictures,
    isHeld: (lot) => retention.isHeld(lot),
    hashOf: (frameId) => ledger.pictureOf(frameId),
    record: (kept) => ledger.keepPicture(kept),
    onKept: (problem) => reporter.picture(problem),
  });
  const retention = new PictureRetention({
    passDays: passPictureDays,
    rejectDays: rejectPictureDays,
    pruneBelowBytes,
    ledger,
    pictures,
    onPruned: (removed, tight) => reporter.picturesPruned(removed, tight),
    onDoubt: (days) => reporter.clockLeap(days),
  });
  const plant = new Plant({
    onState: (error) => reporter.plant(error),
    onAnew: (row) => reporter.plantAnew(row),
    onDeath,
  });
  return { ledger, pictures, retention, plant, records: new Records({ pictures, plant, ledger }) };
}
