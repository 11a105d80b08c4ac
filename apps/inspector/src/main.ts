import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { HttpAdapterHost, NestFactory } from '@nestjs/core';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type InspectorConfig, loadInspectorConfig, loadSecrets, readSupervisor } from '#config';
import { DependencyError, messageOf } from '#contracts';
import { openDoor } from '#contracts/door';
import { tellParent } from '#contracts/tell-parent';
import { isPageBuilt } from './dashboard/page-files.js';
import { PAGE_NOT_BUILT } from './dashboard/unbuilt-page.controller.js';
import { ProblemFilter } from './health/problem.filter.js';
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
  app.useGlobalFilters(new ProblemFilter(app.get(HttpAdapterHost), inspector.reporter));
  describeApi(app);
  const stop = async (): Promise<void> => {
    await inspector.stop();
    await app.close();
  };
  try {
    await listen(app, config.http);
    const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
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

async function listen(app: INestApplication, { host, port }: InspectorConfig['http']): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (cause) {
    const isTaken = (cause as NodeJS.ErrnoException).code === 'EADDRINUSE';
    throw new DependencyError(
      isTaken ? 'PORT_IN_USE' : 'HTTP_LISTEN',
      `The page cannot listen on ${host}:${port}: ${messageOf(cause)}. Stop what listens there, or set http.port.`,
      { cause },
    );
  }
}

function describeApi(app: INestApplication): void {
  const info = new DocumentBuilder().setTitle('Lineside inspector').setVersion('1').build();
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, info), {
    jsonDocumentUrl: 'api/openapi.json',
  });
}

/**
 * The process: start, run until SIGTERM or SIGINT, drain, end with 0.
 * @throws what {@link startInspector} throws when it cannot start
 */
export async function runInspector({ config: configFile }: { readonly config?: string }): Promise<void> {
  letHeapGrow();
  const running = await startInspector(configFile === undefined ? {} : { configFile });
  await tellParent({ type: 'started', url: running.url, brokerUrl: running.brokerUrl });
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve());
  });
  await running.stop();
  process.disconnect?.();
}
