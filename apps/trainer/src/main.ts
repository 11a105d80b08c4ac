import 'reflect-metadata';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { NestFactory } from '@nestjs/core';
import { type Logger, pino } from 'pino';
import { LogLines, loadTrainerConfig, type TrainerConfig } from '#config';
import { codeOf, messageOf } from '#contracts';
import { describeApi, listen, openDoor } from '#contracts/door';
import { answerProblems } from '#contracts/problem.filter';
import { hearEnd } from '#contracts/told-to-end';
import { Registry } from '#registry';
import type { TrainCommand } from './jobs/job-process.js';
import { JobQueue } from './jobs/job-queue.js';
import { wireTrainer } from './trainer.module.js';

/** Trainings run as `lineside train` of this very installation. */
const LINESIDE = fileURLToPath(new URL('../../cli/src/main.js', import.meta.url));

export interface RunningTrainer {
  readonly url: string;
  /** End the running training, close every connection. */
  stop(): Promise<void>;
}

export interface TrainerOptions {
  readonly config: TrainerConfig;
  /** Default: JSON lines on stdout. */
  readonly logger?: Logger;
  /** How a training is started; default `lineside train`. */
  readonly command?: TrainCommand;
}

/**
 * Start the trainer: the registry first, then the door, which ends a start whose port is taken before any job runs, then the
 * recorded jobs.
 * @throws DependencyError PORT_IN_USE, HTTP_LISTEN, RUNS_TAKEN, RUN_FOLDER; REGISTRY_* from the registry; InputError JOB_RECORD
 */
export async function startTrainer(options: TrainerOptions): Promise<RunningTrainer> {
  const { config, command = [process.execPath, LINESIDE] } = options;
  const logLines = new LogLines();
  const settings = { level: config.log.level, timestamp: pino.stdTimeFunctions.isoTime, messageKey: 'message' };
  const logger = options.logger ?? pino(settings, logLines);
  const registry = await Registry.open(config.registry.dir, { create: true });
  const app = await NestFactory.create(wireTrainer({ config, logger, logLines, registry, command }), {
    logger: false,
    abortOnError: false,
  });
  openDoor(app, config.http);
  answerProblems(app, (error) =>
    logger.error({ event: 'http-error', code: codeOf(error), err: error }, messageOf(error)),
  );
  describeApi(app, {
    title: 'Lineside trainer',
    description: 'Training jobs, models, promotion. Progress comes over socket.io at /jobs.',
  });
  const queue = app.get(JobQueue);
  let url: string;
  try {
    url = await listen(app, config.http);
    await queue.start();
  } catch (error) {
    await queue.stop();
    await app.close();
    throw error;
  }
  logger.info({ event: 'started', url, registry: registry.dir, runs: config.trainer.runsDir });
  return {
    url,
    stop: async () => {
      await queue.stop();
      await app.close();
      logger.info({ event: 'stopped' });
    },
  };
}

/** `lineside trainer`: run until SIGTERM, SIGINT or SIGHUP; a second SIGTERM or SIGINT ends it at once. */
export async function runTrainer({ config }: { config?: string | undefined } = {}): Promise<void> {
  const trainer = await startTrainer({ config: loadTrainerConfig(config) });
  await once(hearEnd(), 'abort');
  await trainer.stop();
}
