import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { documented, HttpProblem, Job, parseBody, TrainEvent, TrainRequest } from '#contracts';
import { RequestCheck } from './check-request.js';
import { JobQueue } from './job-queue.js';

const JOB = documented(Job);
const PROBLEM = documented(HttpProblem);

@ApiTags('jobs')
@Controller('api/jobs')
export class JobsController {
  constructor(
    @Inject(JobQueue) private readonly queue: JobQueue,
    @Inject(RequestCheck) private readonly check: RequestCheck,
  ) {}

  @Post()
  @HttpCode(202)
  @ApiOperation({ summary: 'Start a training; it waits while another one runs' })
  @ApiBody({ schema: documented(TrainRequest) })
  @ApiResponse({ status: 202, schema: JOB })
  @ApiResponse({
    status: 400,
    description: 'BODY_INVALID, PLAN_UNREADABLE, PLAN_INVALID, PLAN_FREEZE, PLAN_RATES, WEIGHTS_UNKNOWN, DATA_MISSING',
    schema: PROBLEM,
  })
  @ApiResponse({ status: 503, description: 'QUEUE_FULL, STOPPING, RUN_FOLDER', schema: PROBLEM })
  async start(@Body() body: unknown): Promise<Job> {
    const request = parseBody(TrainRequest, body);
    await this.check.pass(request);
    return this.queue.add(request);
  }

  @Get()
  @ApiOperation({ summary: 'Every job, newest first' })
  @ApiResponse({ status: 200, schema: { type: 'array', items: JOB } })
  list(): Job[] {
    return this.queue.list();
  }

  @Get(':id')
  @ApiOperation({ summary: 'One job as it is now' })
  @ApiResponse({ status: 200, schema: JOB })
  @ApiResponse({ status: 404, description: 'JOB_UNKNOWN', schema: PROBLEM })
  find(@Param('id') id: string): Job {
    return this.queue.find(id);
  }

  @Get(':id/events')
  @ApiOperation({ summary: 'What the run has said so far, step by step and epoch by epoch' })
  @ApiResponse({ status: 200, schema: { type: 'array', items: documented(TrainEvent) } })
  @ApiResponse({ status: 404, description: 'JOB_UNKNOWN', schema: PROBLEM })
  events(@Param('id') id: string): Promise<TrainEvent[]> {
    return this.queue.events(id);
  }

  @Post(':id/resume')
  @HttpCode(202)
  @ApiOperation({ summary: 'Go on with a job that was cancelled or has failed, after the last epoch it finished' })
  @ApiResponse({ status: 202, schema: JOB })
  @ApiResponse({ status: 404, description: 'JOB_UNKNOWN', schema: PROBLEM })
  @ApiResponse({ status: 409, description: 'JOB_NOT_ENDED', schema: PROBLEM })
  @ApiResponse({ status: 503, description: 'QUEUE_FULL, STOPPING, RUN_FOLDER', schema: PROBLEM })
  resume(@Param('id') id: string): Promise<Job> {
    return this.queue.resume(id);
  }

  @Delete(':id')
  @ApiOperation({ summary: 'Cancel a job that waits or runs; answers when it has ended' })
  @ApiResponse({ status: 200, schema: JOB })
  @ApiResponse({ status: 404, description: 'JOB_UNKNOWN', schema: PROBLEM })
  @ApiResponse({ status: 409, description: 'JOB_ENDED', schema: PROBLEM })
  @ApiResponse({ status: 503, description: 'RUN_FOLDER: it goes on waiting', schema: PROBLEM })
  cancel(@Param('id') id: string): Promise<Job> {
    return this.queue.cancel(id);
  }
}
