import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException, type INestApplication } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { type CodedError, DependencyError, InputError, RefusedError } from './errors.js';
import type { HttpProblem } from './jobs.js';

/** Input errors that say more than "bad request". */
const STATUS_BY_CODE: Readonly<Record<string, number>> = {
  ALARM_NOT_ON: 404,
  JOB_UNKNOWN: 404,
  MODEL_UNKNOWN: 404,
  OVERRIDE_UNKNOWN: 404,
  JOB_ENDED: 409,
  JOB_NOT_ENDED: 409,
};

/**
 * Every error of a request leaves as `{ code, message }`; our own bugs leave without their insides.
 * @param onFailure told of what is not the asker's doing
 */
export function answerProblems(app: INestApplication, onFailure: (error: unknown) => void): void {
  app.useGlobalFilters(new ProblemFilter(app.get(HttpAdapterHost), onFailure));
}

@Catch()
class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly onFailure: (error: unknown) => void,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { status, body } = this.describe(error);
    this.adapterHost.httpAdapter.reply(host.switchToHttp().getResponse(), body, status);
  }

  private describe(error: unknown): { status: number; body: object } {
    if (error instanceof HttpException) return { status: error.getStatus(), body: answerOf(error) };
    if (error instanceof InputError) return { status: STATUS_BY_CODE[error.code] ?? 400, body: problem(error) };
    if (error instanceof RefusedError) return { status: 409, body: problem(error) };
    this.onFailure(error);
    if (error instanceof DependencyError) return { status: 503, body: problem(error) };
    return { status: 500, body: problem({ code: 'INTERNAL', message: 'This is our fault. The log says more.' }) };
  }
}

/**
 * Controllers' own answers go out as they are: 404 of a picture, 503 with the cameras that are not ready. What Nest says
 * by itself of paths and bodies, 413 say, gets a code like all others.
 */
function answerOf(error: HttpException): object {
  const answer = error.getResponse();
  if (typeof answer === 'object' && 'code' in answer) return answer;
  return problem({ code: `HTTP_${error.getStatus()}`, message: error.message });
}

function problem({ code, message }: Pick<CodedError, 'code' | 'message'>): HttpProblem {
  return { code, message };
}
