import { Controller, Get, Inject } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { JobQueue } from './jobs/job-queue.js';

@ApiTags('health')
@Controller('health')
export class HealthController {
  constructor(@Inject(JobQueue) private readonly queue: JobQueue) {}

  @Get('live')
  @ApiOperation({ summary: 'The process answers' })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'It takes jobs; how many wait and run' })
  ready(): { status: 'ok'; running: number; queued: number } {
    const jobs = this.queue.list();
    const count = (state: string): number => jobs.filter((job) => job.state === state).length;
    return { status: 'ok', running: count('running'), queued: count('queued') };
  }
}
