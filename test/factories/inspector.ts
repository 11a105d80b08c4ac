import { join } from 'node:path';
import { after } from 'node:test';
import { InspectorConfig } from '#config';
import type { Region } from '#contracts';
import { Registry } from '#registry';
import { type RunningInspector, startInspector } from '../../apps/inspector/src/main.js';
import { makeArtefact } from './artefact.js';
import { tempDir } from './tools.js';

export const STATION = 'acme/north/assembly/line1/st10';

export interface InspectorOptions {
  /** `mqtt://…` or `embedded`. */
  readonly broker: string;
  readonly cameras?: readonly string[];
  readonly deadlineMs?: number;
  /** Region per camera. */
  readonly roi?: Readonly<Record<string, Region>>;
  readonly dir?: string;
  /** Whole sections that replace the ones made here, or settings inside them. */
  readonly over?: Readonly<Record<string, object>>;
}

/** A registry in which the tiny model is active for recipe `chip`. */
export async function makeRegistry(dir = join(tempDir(), 'registry')): Promise<Registry> {
  const registry = await Registry.open(dir, { create: true });
  await addModel(registry, 'tiny-1');
  return registry;
}

/** Put a tiny model into the registry and activate it. */
export async function addModel(registry: Registry, id: string): Promise<void> {
  const artefact = await makeArtefact({ id });
  await registry.put(artefact.dir);
  await registry.activate({ id, recipe: 'chip', by: 'Test Person' });
}

/** Configuration of an inspector for tests: one worker, its own folder, ports from the system. */
export async function makeConfig(options: InspectorOptions): Promise<InspectorConfig> {
  const dir = options.dir ?? tempDir();
  const { broker, cameras = ['cam1'], deadlineMs = 5_000, roi = {}, over = {} } = options;
  const registryDir = join(dir, 'registry');
  await Registry.open(registryDir).catch(() => makeRegistry(registryDir));
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
    cameras: cameras.map((name) => ({ name, recipe: 'chip' })),
    recipes: [{ name: 'chip', deadlineMs, roi }],
    ...sections,
  });
}

/** Start an inspector in this process; it drains with the running test or suite unless it was stopped before. */
export async function startTestInspector(options: InspectorOptions): Promise<RunningInspector> {
  const running = await startInspector({ config: await makeConfig(options) });
  let stopping: Promise<void> | null = null;
  const stop = (): Promise<void> => {
    stopping ??= running.stop();
    return stopping;
  };
  after(stop);
  return { ...running, stop };
}
