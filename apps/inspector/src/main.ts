import 'reflect-metadata';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { INestApplication } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { IoAdapter } from '@nestjs/platform-socket.io';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { type InspectorConfig, loadInspectorConfig, loadSecrets } from '#config';
import { DependencyError, messageOf } from '#contracts';
import { Inspector } from './inspector.js';
import { inspectorModule } from './inspector.module.js';
import { fieldsOf } from './log.js';

export interface RunningInspector {
  /** Address of the page and the API. */
  readonly url: string;
  readonly brokerUrl: string;
  readonly bootId: string;
  /** Drains: every accepted frame gets its verdict first. */
  stop(): Promise<void>;
}

/**
 * Start an inspector: from a file, or from a configuration already read.
 * @throws InputError CONFIG_INVALID | CONFIG_UNREADABLE | BROKER_TLS
 * @throws DependencyError LEDGER_OPEN | PICTURES_OPEN | PLANT_OPEN | PORT_IN_USE | HTTP_LISTEN | BROKER_LISTEN | BROKER_REFUSED
 */
export async function startInspector(
  options: { configFile?: string; config?: InspectorConfig } = {},
): Promise<RunningInspector> {
  const config = options.config ?? loadInspectorConfig(options.configFile);
  const inspector = new Inspector(config, loadSecrets());
  const app = await NestFactory.create(inspectorModule(inspector), {
    logger: ['error', 'fatal'],
    forceCloseConnections: true,
    abortOnError: false,
  });
  app.useWebSocketAdapter(new IoAdapter(app));
  describeApi(app);
  const stop = async (): Promise<void> => {
    await inspector.stop();
    await app.close();
  };
  try {
    await listen(app, config.http);
    await inspector.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const url = (await app.getUrl()).replace('[::1]', '127.0.0.1');
  return { url, brokerUrl: inspector.brokerAddress, bootId: inspector.bootId, stop };
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

/** The process: runs until a signal, then drains. Exit codes: 0 stopped, 1 could not start. */
async function run(): Promise<void> {
  const { values } = parseArgs({ options: { config: { type: 'string' } } });
  try {
    const running = await startInspector(values.config === undefined ? {} : { configFile: values.config });
    process.send?.({ type: 'started', url: running.url, brokerUrl: running.brokerUrl });
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) return;
      isStopping = true;
      void running.stop().then(() => process.exit(0));
    };
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  } catch (error) {
    const { code, message } = fieldsOf(error);
    process.stderr.write(`error ${code}: ${message}\n`);
    process.exit(1);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) await run();
