import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { LogLines } from '#config';
import { documented, HttpProblem } from '#contracts';
import { Registry } from '#registry';
import { JobQueue } from './jobs/job-queue.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(
    @Inject(JobQueue) private readonly queue: JobQueue,
    @Inject(Registry) private readonly registry: Registry,
    @Inject(LogLines) private readonly logLines: LogLines,
  ) {}

  @Get('live')
  @ApiOperation({ summary: 'The process answers' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({
    summary: 'It takes jobs and stores models; how many wait and run, and lines of its log that could not be written',
  })
  @ApiResponse({
    status: 503,
    description: 'RUN_FOLDER, DISK_FULL, REGISTRY_STORAGE: a disk takes nothing',
    schema: documented(HttpProblem),
  })
  async ready(): Promise<{ status: 'ok'; running: number; queued: number; logLinesLost: number }> {
    await Promise.all([this.queue.probe(), this.registry.probe()]);
    const jobs = this.queue.list();
    const count = (state: string): number => jobs.filter((job) => job.state === state).length;
    return { status: 'ok', running: count('running'), queued: count('queued'), logLinesLost: this.logLines.lost };
  }
}
