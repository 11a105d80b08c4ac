import { Client } from 'pg';
import { type InspectorConfig, plantAddress, type Secrets } from '#config';
import { messageOf } from '#contracts';
import { type Finding, gap, ok } from './finding.js';

const CONNECT_TIMEOUT_MS = 5_000;

/** The plant database: a file of this box, or a PostgreSQL. While it is away records wait in the ledger. */
export async function findPlant({ plant, inspector }: InspectorConfig, secrets: Secrets): Promise<Finding[]> {
  const about = 'plant database';
  if (plant.type === 'better-sqlite3' || plant.url === null) return [ok(about, `SQLite in ${inspector.dataDir}`)];
  const client = new Client({
    connectionString: plantAddress(plant.url, secrets.plantPassword),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: CONNECT_TIMEOUT_MS,
  });
  const { host } = new URL(plant.url);
  try {
    await client.connect();
    const { rows } = await client.query<{ server_version: string }>('SHOW server_version');
    return [ok(about, `PostgreSQL ${rows[0]?.server_version} on ${host}`)];
  } catch (error) {
    const advice = 'Verdicts go on without it. Start it, or correct plant.url and LINESIDE_PLANT_PASSWORD.';
    return [gap(about, `PostgreSQL on ${host} cannot be used: ${messageOf(error)}`, advice)];
  } finally {
    await client.end().catch(() => undefined);
  }
}
