import { type DynamicModule, Module } from '@nestjs/common';
import type { Logger } from 'pino';
import { LogLines, type TrainerConfig } from '#config';
import { Registry } from '#registry';
import { HealthController } from './health.controller.js';
import { RequestCheck } from './jobs/check-request.js';
import { JobChanges } from './jobs/job-changes.js';
import { JobFiles } from './jobs/job-files.js';
import type { TrainCommand } from './jobs/job-process.js';
import { JobQueue } from './jobs/job-queue.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsGateway } from './jobs/jobs.gateway.js';
import { LOGGER } from './logger.js';
import { ModelsController } from './models/models.controller.js';
import { RootController } from './root.controller.js';

export interface TrainerParts {
  readonly config: TrainerConfig;
  readonly logger: Logger;
  /** Where the logger writes. */
  readonly logLines: LogLines;
  readonly registry: Registry;
  /** How a training is started. */
  readonly command: TrainCommand;
}

@Module({})
class TrainerModule {}

/** The only wiring of the trainer. */
export function wireTrainer({ config, logger, logLines, registry, command }: TrainerParts): DynamicModule {
  const changes = new JobChanges();
  const { runsDir, cacheDir, weightsDir, maxQueued, killAfterMs } = config.trainer;
  const queue = new JobQueue({
    files: new JobFiles(runsDir),
    command,
    registry: registry.dir,
    cacheDir,
    weightsDir,
    maxQueued,
    killAfterMs,
    onChange: (job) => {
      logger.info({ event: 'job-change', job: job.id, state: job.state, code: job.error?.code });
      changes.onChange(job);
    },
    onProgress: (job) => changes.onChange(job),
    onError: (error) => logger.error({ event: 'job-error', err: error }, 'a job could not be recorded'),
  });
  return {
    module: TrainerModule,
    controllers: [JobsController, ModelsController, HealthController, RootController],
    providers: [
      { provide: JobQueue, useValue: queue },
      { provide: RequestCheck, useValue: new RequestCheck(weightsDir) },
      { provide: JobChanges, useValue: changes },
      { provide: Registry, useValue: registry },
      { provide: LOGGER, useValue: logger },
      { provide: LogLines, useValue: logLines },
      JobsGateway,
    ],
  };
}
