import 'reflect-metadata';
import { once } from 'node:events';
import { NestFactory } from '@nestjs/core';
import { type InspectorConfig, loadInspectorConfig, loadSecrets, readSupervisor } from '#config';
import { describeApi, listen, openDoor } from '#contracts/door';
import { answerProblems } from '#contracts/problem.filter';
import { tellParent } from '#contracts/tell-parent';
import { endAtLastBy, hearEnd, type ToldToEnd } from '#contracts/told-to-end';
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
 * @param options `end`: what has been started by then is stopped, drained first
 * @throws InputError CONFIG_INVALID | CONFIG_UNREADABLE | BROKER_TLS
 * @throws DependencyError LEDGER_OPEN | PICTURES_OPEN | PLANT_OPEN | PORT_IN_USE | HTTP_LISTEN | BROKER_LISTEN | BROKER_TLS
 * @throws the reason of `end`
 */
export async function startInspector(
  options: { configFile?: string; config?: InspectorConfig; end?: AbortSignal } = {},
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
    await inspector.start(url, options.end ?? new AbortController().signal);
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
 * The process: start, run until SIGTERM, SIGINT or SIGHUP, drain, end with 0, or after SIGHUP by that; by any of them where
 * it comes before the start is over. A second SIGTERM or SIGINT ends it at once.
 * @throws what {@link startInspector} throws when it cannot start
 */
export async function runInspector({ config: configFile }: { readonly config?: string }): Promise<void> {
  letHeapGrow();
  const end = hearEnd();
  const running = await startInspector({ ...(configFile !== undefined && { configFile }), end }).catch(
    (error: unknown) => {
      if (error !== end.reason) throw error;
      return null;
    },
  );
  if (running !== null) {
    await tellParent({ type: 'started', url: running.url, brokerUrl: running.brokerUrl });
    if (!end.aborted) await once(end, 'abort');
    await running.stop();
  }
  process.disconnect?.();
  if (running === null) endAtLastBy((end.reason as ToldToEnd).signal);
}
