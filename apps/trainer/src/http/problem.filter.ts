import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, Inject } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Logger } from 'pino';
import { CodedError, DependencyError, type HttpProblem, InputError, RefusedError } from '#contracts';
import { LOGGER } from '../logger.js';

/** Input errors that say more than "bad request". */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  JOB_UNKNOWN: 404,
  MODEL_UNKNOWN: 404,
  JOB_ENDED: 409,
  JOB_NOT_ENDED: 409,
};

/** Every error leaves as `{ code, message }`; our own bugs leave without their insides and are logged. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    @Inject(LOGGER) private readonly logger: Logger,
    @Inject(HttpAdapterHost) private readonly adapterHost: HttpAdapterHost,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { status, problem } = describe(error);
    if (status >= 500) this.logger.error({ event: 'http-error', code: problem.code, err: error }, problem.message);
    this.adapterHost.httpAdapter.reply(host.switchToHttp().getResponse(), problem, status);
  }
}

function describe(error: unknown): { status: number; problem: HttpProblem } {
  if (error instanceof InputError || error instanceof RefusedError || error instanceof DependencyError) {
    const { code, message } = error;
    return { status: statusOf(error), problem: { code, message } };
  }
  if (error instanceof HttpException) {
    const status = error.getStatus();
    return { status, problem: { code: `HTTP_${status}`, message: error.message } };
  }
  return {
    status: 500,
    problem: { code: 'INTERNAL', message: 'This is our fault. The log of the trainer says more.' },
  };
}

function statusOf(error: CodedError): number {
  if (error instanceof RefusedError) return 409;
  if (error instanceof DependencyError) return 503;
  return STATUS_BY_CODE[error.code] ?? 400;
}
