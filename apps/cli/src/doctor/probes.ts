import { type InspectorConfig, loadInspectorConfig, loadTrainerConfig, type Secrets } from '#config';
import { messageOf } from '#contracts';
import { findBroker } from './broker.js';
import { type Folder, findDisk } from './disks.js';
import { blocked, type Probe } from './finding.js';
import { findAdapters, findCudaDriver } from './graphics.js';
import { findLedger } from './ledger.js';
import { findCpu, findMemory, findNode } from './machine.js';
import { findModels } from './models.js';
import { findPlant } from './plant.js';
import { findPage } from './ports.js';
import { findInference, findOnnxRuntime, findProviders } from './runtimes.js';
import { findSqlite } from './sqlite.js';
import { findBackend, findTensorFlow } from './training.js';
import { findWeightFiles } from './weights.js';

/** What to look at: the machine, then the line as the file configures it, in the order it is printed. */
export function listProbes(configFile: string | undefined, secrets: Secrets): Probe[] {
  const gaps = (probes: readonly Omit<Probe, 'failure'>[]) =>
    probes.map((probe): Probe => ({ ...probe, failure: 'gap' }));
  return [
    { about: 'Node', failure: 'blocked', look: () => findNode(process.versions.node) },
    { about: 'SQLite', failure: 'blocked', look: findSqlite },
    ...gaps([
      { about: 'CPU', look: findCpu },
      { about: 'memory', look: findMemory },
      { about: 'TensorFlow', look: findTensorFlow },
      { about: 'training', look: findBackend },
      { about: 'weights', look: findWeightFiles },
    ]),
    { about: 'ONNX Runtime', failure: 'blocked', look: findOnnxRuntime },
    ...gaps([
      { about: 'ONNX Runtime providers', look: findProviders },
      { about: 'CUDA driver', look: findCudaDriver },
      { about: 'Vulkan adapters', look: findAdapters },
    ]),
    ...listLineProbes(configFile, secrets),
  ];
}

function listLineProbes(configFile: string | undefined, secrets: Secrets): Probe[] {
  let config: InspectorConfig;
  try {
    config = loadInspectorConfig(configFile);
  } catch (error) {
    const finding = blocked('configuration', messageOf(error), 'See config/inspector.example.yaml.');
    return [{ about: 'configuration', failure: 'blocked', look: () => [finding] }];
  }
  return [
    { about: 'inference', failure: 'blocked', look: () => findInference(config) },
    { about: 'broker', failure: 'blocked', look: () => findBroker(config, secrets) },
    { about: 'page', failure: 'blocked', look: () => findPage(config) },
    { about: 'ledger', failure: 'blocked', look: () => findLedger(config) },
    { about: 'plant database', failure: 'gap', look: () => findPlant(config, secrets) },
    { about: 'models', failure: 'blocked', look: () => findModels(config) },
    ...listFolders(config).map(
      (folder): Probe => ({ about: folder.about, failure: folder.trouble, look: () => findDisk(folder) }),
    ),
  ];
}

function listFolders({ inspector, registry, ledger }: InspectorConfig): Folder[] {
  const watermarkBytes = ledger.diskFreeBytes;
  return [
    { about: 'data folder', dir: inspector.dataDir, watermarkBytes, trouble: 'blocked' },
    { about: 'registry', dir: registry.dir, watermarkBytes, trouble: 'gap' },
    { about: 'feature cache', dir: loadTrainerConfig().trainer.cacheDir, watermarkBytes, trouble: 'gap' },
  ];
}
