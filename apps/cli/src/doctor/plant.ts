import { existsSync } from 'node:fs';
import { Client } from 'pg';
import type { InspectorConfig, Secrets } from '#config';
import { messageOf } from '#contracts';
import { plantPlaceOf } from '../../../inspector/src/ledger/places.js';
import { lookIntoPlant } from '../../../inspector/src/ledger/plant-database.js';
import { denied } from './disks.js';
import { type Finding, gap, ok } from './finding.js';

const ABOUT = 'plant database';
const CONNECT_TIMEOUT_MS = 5_000;

/** The plant database: a file of this box, or a PostgreSQL. While it is away records wait in the ledger. */
export async function findPlant(config: InspectorConfig, secrets: Secrets): Promise<Finding[]> {
  const place = plantPlaceOf(config, secrets);
  return [place.type === 'postgres' ? await findServer(place.url) : await findFile(place.file)];
}

async function findFile(file: string): Promise<Finding> {
  try {
    if (await denied(file)) throw new Error('this user may not write it');
    if (existsSync(file)) await lookIntoPlant({ type: 'better-sqlite3', file });
    return ok(ABOUT, `SQLite, ${file}`);
  } catch (error) {
    const advice = 'Verdicts go on without it. The file may be removed: it is made again from the ledger.';
    return gap(ABOUT, `SQLite, ${file}, cannot be used: ${messageOf(error)}`, advice);
  }
}

async function findServer(url: string): Promise<Finding> {
  const { host } = new URL(url);
  try {
    const version = await askVersion(url);
    await lookIntoPlant({ type: 'postgres', url });
    return ok(ABOUT, `PostgreSQL ${version} on ${host}`);
  } catch (error) {
    const advice = 'Verdicts go on without it. Start it, or correct plant.url and LINESIDE_PLANT_PASSWORD.';
    return gap(ABOUT, `PostgreSQL on ${host} cannot be used: ${messageOf(error)}`, advice);
  }
}

async function askVersion(url: string): Promise<string | undefined> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return rows[0]?.server_version;
  } finally {
    await client.end().catch(() => undefined);
  }
}
