import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { HttpAdapterHost } from '@nestjs/core';
import { DependencyError, type HttpProblem, InputError } from '#contracts';
import type { Reporter } from './reporter.js';

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
    // Controllers' own answers go out as they are: 404 of a picture, 503 with the cameras that are not ready.
    if (error instanceof HttpException) return { status: error.getStatus(), body: error.getResponse() };
    if (error instanceof InputError) return { status: 400, body: problem(error) };
    this.reporter.httpError(error);
    if (error instanceof DependencyError) return { status: 503, body: problem(error) };
    return {
      status: 500,
      body: { code: 'INTERNAL', message: 'This is our fault. The log of the inspector says more.' },
    };
  }
}

function problem({ code, message }: InputError | DependencyError): HttpProblem {
  return { code, message };
}
