import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { type InspectorConfig, loadInspectorConfig, loadSecrets, readSupervisor } from '#config';
import { describeApi, listen, openDoor } from '#contracts/door';
import { answerProblems } from '#contracts/problem.filter';
import { tellParent } from '#contracts/tell-parent';
import { isPageBuilt } from './dashboard/page-files.js';
import { PAGE_NOT_BUILT } from './dashboard/unbuilt-page.controller.js';
import { letHeapGrow } from './heap.js';
import { Inspector } from './inspector.js';
import { inspectorModule } from './inspector.module.js';

export interface RunningInspector {
  /** Address of the page and the API. */
  readonly url: string;
  readonly brokerUrl: string;
  readonly bootId: string;
  /** Process ids of the inference workers, warm ones included. */
  readonly workerPids: () => number[];
  /** Drains: every accepted frame gets its verdict first. */
  stop(): Promise<void>;
}

/**
 * Start an inspector: from a file, or from a configuration already read.
 * @throws InputError CONFIG_INVALID | CONFIG_UNREADABLE | BROKER_TLS
 * @throws DependencyError LEDGER_OPEN | PICTURES_OPEN | PLANT_OPEN | PORT_IN_USE | HTTP_LISTEN | BROKER_LISTEN | BROKER_TLS
 */
export async function startInspector(
  options: { configFile?: string; config?: InspectorConfig } = {},
): Promise<RunningInspector> {
  const config = options.config ?? loadInspectorConfig(options.configFile);
  const inspector = new Inspector(config, { secrets: loadSecrets(), supervisor: readSupervisor() });
  const app = await NestFactory.create(inspectorModule(inspector), {
    logger: ['fatal'],
    forceCloseConnections: true,
    abortOnError: false,
  });
  openDoor(app, config.http);
  answerProblems(app, (error) => inspector.reporter.httpError(error));
  describeApi(app, { title: 'Lineside inspector' });
  const stop = async (): Promise<void> => {
    await inspector.stop();
    await app.close();
  };
  try {
    const url = await listen(app, config.http);
    if (!isPageBuilt()) inspector.reporter.pageNotBuilt(PAGE_NOT_BUILT);
    await inspector.start(url);
    return {
      url,
      brokerUrl: inspector.brokerAddress,
      bootId: inspector.bootId,
      workerPids: () => inspector.workerPids,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * The process: start, run until SIGTERM, SIGINT or SIGHUP, drain, end with 0, or after SIGHUP by that. A second SIGTERM or
 * SIGINT ends it at once.
 * @throws what {@link startInspector} throws when it cannot start
 */
export async function runInspector({ config: configFile }: { readonly config?: string }): Promise<void> {
  letHeapGrow();
  const running = await startInspector(configFile === undefined ? {} : { configFile });
  await tellParent({ type: 'started', url: running.url, brokerUrl: running.brokerUrl });
  const signal = await new Promise<NodeJS.Signals>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, resolve);
    // A terminal that is closed says it twice: the system and its shell.
    process.on('SIGHUP', resolve);
  });
  await running.stop();
  process.disconnect?.();
  // At its very end Node sets its terminal right, and aborts where that is gone.
  if (signal === 'SIGHUP') process.once('exit', () => endBy(signal));
}

function endBy(signal: NodeJS.Signals): void {
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
}
