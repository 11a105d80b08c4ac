import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { type CodedError, DependencyError, type HttpProblem, InputError, RefusedError } from '#contracts';
import type { Reporter } from './reporter.js';

/** Input errors that say more than "bad request". */
const STATUS_BY_CODE: Readonly<Record<string, number>> = { OVERRIDE_UNKNOWN: 404, ALARM_NOT_ON: 404 };

/** Every error leaves as `{ code, message }`; our own bugs leave without their insides and are told. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly adapterHost: HttpAdapterHost,
    private readonly reporter: Pick<Reporter, 'httpError'>,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const { status, body } = this.describe(error);
    this.adapterHost.httpAdapter.reply(host.switchToHttp().getResponse(), body, status);
  }

  private describe(error: unknown): { status: number; body: unknown } {
    if (error instanceof HttpException) return { status: error.getStatus(), body: answerOf(error) };
    if (error instanceof InputError) return { status: STATUS_BY_CODE[error.code] ?? 400, body: problem(error) };
    if (error instanceof RefusedError) return { status: 409, body: problem(error) };
    this.reporter.httpError(error);
    if (error instanceof DependencyError) return { status: 503, body: problem(error) };
    return {
      status: 500,
      body: { code: 'INTERNAL', message: 'This is our fault. The log of the inspector says more.' },
    };
  }
}

/**
 * Controllers' own answers go out as they are: 404 of a picture, 503 with the cameras that are not ready. What Nest says
 * by itself of paths and bodies, 413 say, gets the code that the trainer gives it too.
 */
function answerOf(error: HttpException): object {
  const answer = error.getResponse();
  if (typeof answer === 'object' && 'code' in answer) return answer;
  return { code: `HTTP_${error.getStatus()}`, message: error.message } satisfies HttpProblem;
}

function problem({ code, message }: CodedError): HttpProblem {
  return { code, message };
}
