import { join } from 'node:path';
import { after } from 'node:test';
import { DataSource } from 'typeorm';
import { InspectorConfig } from '#config';
import type { CameraState, Region } from '#contracts';
import { Registry } from '#registry';
import { type RunningInspector, startInspector } from '../../apps/inspector/src/main.js';
import { makeArtefact } from './artefact.js';
import { sumOf } from './metrics.js';
import { tempDir } from './tools.js';

export const STATION = 'acme/north/assembly/line1/st10';

export interface InspectorOptions {
  /** `mqtt://…` or `embedded`. */
  readonly broker: string;
  readonly cameras?: readonly string[];
  /** Window of each recipe, ms; cameras inspect `chip`. */
  readonly recipes?: Readonly<Record<string, number>> & { readonly chip: number };
  /** Region per camera. */
  readonly roi?: Readonly<Record<string, Region>>;
  /** Of every camera; off by default, because tests send one picture again and again. */
  readonly frozenAfter?: number;
  readonly dir?: string;
  /** Whole sections that replace the ones made here, or settings inside them. */
  readonly over?: Readonly<Record<string, object>>;
}

/** A registry in which the tiny model is active for these recipes. */
async function makeRegistry(dir: string, recipes: readonly string[]): Promise<Registry> {
  const registry = await Registry.open(dir, { create: true });
  await registry.put((await makeArtefact({ id: 'tiny-1' })).dir);
  for (const recipe of recipes) await registry.activate({ id: 'tiny-1', recipe, by: 'Test Person' });
  return registry;
}

/** Put a tiny model into the registry and activate it for `chip`; `spoil` gets its folder in the registry right afterwards. */
export async function addModel(registry: Registry, id: string, spoil?: (path: string) => void): Promise<void> {
  const artefact = await makeArtefact({ id });
  await registry.put(artefact.dir);
  await registry.activate({ id, recipe: 'chip', by: 'Test Person' });
  spoil?.(registry.path(id));
}

/** Configuration of an inspector for tests: one worker, its own folder, ports from the system. */
export async function makeConfig(options: InspectorOptions): Promise<InspectorConfig> {
  const dir = options.dir ?? tempDir();
  const { broker, cameras = ['cam1'], recipes = { chip: 5_000 }, roi = {}, frozenAfter = null, over = {} } = options;
  const registryDir = join(dir, 'registry');
  await Registry.open(registryDir).catch(() => makeRegistry(registryDir, Object.keys(recipes)));
  const sections: Record<string, object> = {
    inspector: { id: 'inspector1', station: STATION, mode: 'production', dataDir: join(dir, 'data') },
    registry: { dir: registryDir, pollMs: 100 },
    broker: { url: broker, embeddedPort: 0 },
    inference: { workers: 1 },
    ledger: { diskFreeBytes: 0, keepPassPictures: 0 },
    http: { port: 0 },
    log: { level: 'silent' },
  };
  for (const [section, settings] of Object.entries(over)) sections[section] = { ...sections[section], ...settings };
  return InspectorConfig.parse({
    cameras: cameras.map((name) => ({ name, recipe: 'chip', frozenAfter })),
    recipes: Object.entries(recipes).map(([name, deadlineMs]) => ({ name, deadlineMs, roi })),
    ...sections,
  });
}

export interface TestInspector extends RunningInspector {
  /** Rows of the plant database; after `stop`. */
  plantRows(): Promise<number>;
  /** Reasons of all cameras, as `health/ready` gives them. */
  notReadyReasons(): Promise<(string | null)[]>;
  plantGaps(): Promise<{ camera: string; firstSeq: number; lastSeq: number }[]>;
}

/** Start an inspector in this process; it drains with the running test or suite unless it was stopped before. */
export async function startTestInspector(options: InspectorOptions): Promise<TestInspector> {
  const config = await makeConfig(options);
  const running = await startInspector({ config });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= running.stop();
    return stopping;
  };
  after(stop);
  const plant = join(config.inspector.dataDir, 'plant.sqlite');
  return {
    ...running,
    stop,
    plantRows: async () =>
      (await readTable<{ n: number }>(plant, 'SELECT COUNT(*) AS n FROM inspected_frame'))[0]?.n ?? -1,
    notReadyReasons: async () => {
      const answer = (await (await fetch(`${running.url}/health/ready`)).json()) as { cameras: CameraState[] };
      return answer.cameras.map(({ reason }) => reason);
    },
    plantGaps: () => readTable(plant, 'SELECT camera, firstSeq, lastSeq FROM missing_frames'),
  };
}

/** Rows of a SQLite file. */
export async function readTable<Row>(file: string, sql: string): Promise<Row[]> {
  const source = await new DataSource({ type: 'better-sqlite3', database: file, readonly: true }).initialize();
  try {
    return await source.query(sql);
  } finally {
    await source.destroy();
  }
}

/** Sum of a metric over its labels, as Prometheus would read it. */
export async function readMetric({ url }: { url: string }, name: string): Promise<number> {
  return sumOf(await (await fetch(`${url}/metrics`)).text(), name);
}
