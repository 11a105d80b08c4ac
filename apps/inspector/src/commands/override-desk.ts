import { ulid } from 'ulid';
import { InputError, type Override, type OverrideQuery, type OverrideRequest, RefusedError } from '#contracts';
import type { Counters } from '../health/counters.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Outbox } from '../ledger/outbox.js';
import type { Plant } from '../ledger/plant.js';
import type { SpokenOf } from '../ledger/rows.js';

export interface OverrideDeskOptions {
  readonly inspectorId: string;
  readonly bootId: string;
  /** A shadow decides nothing, so nobody can decide otherwise there. */
  readonly isShadow: boolean;
  readonly ledger: Pick<Ledger, 'override' | 'overridesOf'>;
  readonly plant: Pick<Plant, 'newestOf'>;
  readonly outbox: Pick<Outbox, 'wake'>;
  readonly counters: Counters;
}

/**
 * A person decides what becomes of a part. The machine's verdict stays as it was recorded and stands beside the person's
 * word; the gate hears nothing of it.
 */
export class OverrideDesk {
  constructor(private readonly options: OverrideDeskOptions) {}

  /**
   * @returns what is on the disk now, the one before where it says the same
   * @throws InputError OVERRIDE_UNKNOWN without a recorded verdict of that name; RefusedError OVERRIDE_SHADOW;
   *   DependencyError LEDGER_WRITE, PLANT_READ (nothing was kept)
   */
  async record({ frameId, inspection, partId, ...words }: OverrideRequest): Promise<Override> {
    const { inspectorId, bootId, isShadow, ledger, outbox, counters } = this.options;
    if (isShadow) {
      throw new RefusedError(
        'OVERRIDE_SHADOW',
        `Inspector ${inspectorId} is a shadow: its verdicts count for nothing. Say it to the inspector of the line.`,
      );
    }
    const of = spokenOf({ frameId, inspection }) ?? (await this.newestOf(partId ?? ''));
    const about = { overrideId: ulid(), inspectorId, bootId, ts: new Date().toISOString() };
    const outcome = await ledger.override({ ...about, of, words });
    if (outcome.kind === 'unknown')
      throw unknown(partId === undefined ? `${WHAT[of.kind]} ${of.id}` : `part ${partId}`);
    if (outcome.kind === 'new') {
      counters.count('overrides', { camera: outcome.override.camera, disposition: words.disposition });
      outbox.wake();
    }
    return outcome.override;
  }

  /** What people said of a frame or of its part as a whole, of a part or of its frames; oldest first. @throws DependencyError LEDGER_WRITE */
  async overridesOf(query: OverrideQuery): Promise<Override[]> {
    const of = spokenOf(query);
    return of === null ? [] : this.options.ledger.overridesOf(of);
  }

  private async newestOf(partId: string): Promise<SpokenOf> {
    const found = await this.options.plant.newestOf(partId);
    if (found === null) throw unknown(`part ${partId}`);
    return found;
  }
}

const WHAT: Record<SpokenOf['kind'], string> = { frame: 'frame', part: 'inspection' };

/** Null where neither is named. */
function spokenOf({ frameId, inspection }: OverrideQuery): SpokenOf | null {
  if (frameId !== undefined) return { kind: 'frame', id: frameId };
  return inspection === undefined ? null : { kind: 'part', id: inspection };
}

function unknown(what: string): InputError {
  return new InputError(
    'OVERRIDE_UNKNOWN',
    `No verdict on ${what} is recorded here. Expected a frame or part that this inspector has closed; check its id.`,
  );
}
