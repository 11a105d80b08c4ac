import { HttpProblem } from '#contracts/jobs';

/** What was asked for could not be had or done; the message is for the person who asked. */
export class AskError extends Error {
  /** @param code the inspector's own; null where it gave none */
  constructor(
    message: string,
    readonly code: string | null,
  ) {
    super(message);
  }
}

/**
 * One request to the inspector.
 * @throws AskError where it does not answer, or answers with an error
 */
export async function ask(path: string, body?: object): Promise<unknown> {
  const answer = await send(path, body);
  const value: unknown = await answer.json().catch(() => null);
  if (answer.ok) return value;
  const problem = HttpProblem.safeParse(value);
  if (problem.success) throw new AskError(problem.data.message, problem.data.code);
  throw new AskError(`The inspector answered with ${answer.status}.`, null);
}

async function send(path: string, body: object | undefined): Promise<Response> {
  try {
    if (body === undefined) return await fetch(path);
    const headers = { 'content-type': 'application/json' };
    return await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch {
    // A connection that breaks does not tell whether what was said had arrived.
    const doubt = body === undefined ? '' : ' What you said may not have been recorded: look when it is back.';
    throw new AskError(`The inspector cannot be reached.${doubt}`, null);
  }
}
