import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { InspectorConfig } from '#config';
import { Registry } from '#registry';
import { makeArtefact, tinyGraph } from '../factories/artefact.js';
import { makeConfig } from '../factories/inspector.js';
import type { Environment } from '../factories/inspector-process.js';
import type { RunningPostgres } from '../factories/postgres.js';
import type { SmallDisk } from '../factories/small-disk.js';
import { SIDE } from './belt.js';

/** Cameras of a line that names none. */
export const CAMERAS = ['cam1', 'cam2'];
/** Window of the recipe and of the gate, ms. */
export const WINDOW_MS = 1_000;

const SHIPPED = fileURLToPath(new URL('../../../config/mosquitto.conf', import.meta.url));

/** What a line in miniature is laid with. */
export interface LineOptions {
  readonly cameras?: readonly string[];
  /** Cameras that parts go by; all by default. */
  readonly fedCameras?: readonly string[];
  /** Pieces of about half a millisecond that the model takes longer. */
  readonly work?: number;
  /** Cameras whose clocks the inspector believes. */
  readonly syncedCameras?: readonly string[];
  readonly windowMs?: number;
  /** Settings of the inspector, section by section. */
  readonly over?: Readonly<Record<string, object>>;
  readonly postgres?: RunningPostgres;
  /** Where ledger and pictures are; an ordinary folder by default. */
  readonly disk?: SmallDisk;
  readonly env?: Environment;
  /** Lines of mosquitto.conf beside the shipped ones. */
  readonly broker?: readonly string[];
  /** Logins where the broker knows its clients. */
  readonly logins?: { readonly camera: Login; readonly gate: Login; readonly inspector: Login };
}

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** The shipped settings, on a port of our own. */
export function brokerLines({ broker = [] }: LineOptions): string[] {
  const shipped = readFileSync(SHIPPED, 'utf8').split('\n');
  const kept = shipped.filter((line) => !/^(#|listener|allow_anonymous|\s*$)/.test(line));
  // mosquitto leaves root behind and could not read the files of a test.
  return [...kept, ...(broker.length > 0 ? ['user root', ...broker] : [])];
}

/** The tiny model with pictures of 64 pixels, active for `chip`. */
export async function stockRegistry(dir: string, { work = 0 }: LineOptions): Promise<Registry> {
  const registry = await Registry.open(dir, { create: true });
  const graphs = { fp32: tinyGraph(['good', 'defect'], { work, side: SIDE }) };
  await registry.put((await makeArtefact({ id: 'tiny-1', side: SIDE, graphs })).dir);
  await registry.activate({ id: 'tiny-1', recipe: 'chip', by: 'Test Person' });
  return registry;
}

export async function makeLineConfig(made: {
  options: LineOptions;
  dir: string;
  url: string;
}): Promise<InspectorConfig> {
  const { options, dir, url } = made;
  const { cameras = CAMERAS, windowMs = WINDOW_MS, over = {}, postgres, disk, logins } = options;
  const config = await makeConfig({
    broker: url,
    cameras,
    dir,
    recipes: { chip: windowMs },
    frozenAfter: 5,
    over: {
      ...over,
      inference: { runtime: 'onnx-cpu', precision: 'fp32', ...over['inference'] },
      ...(postgres && { plant: { type: 'postgres', url: postgres.url } }),
      inspector: { ...(disk && { dataDir: join(disk.dir, 'data') }), ...over['inspector'] },
      broker: { ...(logins && { username: logins.inspector.username }), ...over['broker'] },
    },
  });
  const isSynced = (name: string): boolean => options.syncedCameras?.includes(name) ?? false;
  return { ...config, cameras: config.cameras.map((camera) => ({ ...camera, clockSync: isSynced(camera.name) })) };
}
