import { join } from 'node:path';
import { type InspectorConfig, plantAddress, type Secrets } from '#config';
import { InvariantError } from '#contracts';
import type { PlantPlace } from './plant-database.js';

/** The file of an inspector's ledger. */
export function ledgerFileOf({ inspector }: InspectorConfig): string {
  return join(inspector.dataDir, 'ledger.sqlite');
}

export function plantPlaceOf({ plant, inspector }: InspectorConfig, { plantPassword }: Secrets): PlantPlace {
  if (plant.type === 'better-sqlite3') return { type: plant.type, file: join(inspector.dataDir, 'plant.sqlite') };
  if (plant.url === null) throw new InvariantError('The configuration let a PostgreSQL without plant.url through.');
  return { type: plant.type, url: plantAddress(plant.url, plantPassword) };
}
