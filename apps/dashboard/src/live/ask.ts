import { HttpProblem } from '#contracts/jobs';

/**
 * One request to the inspector.
 * @throws Error whose message is for the person who asked
 */
export async function ask(path: string, body?: object): Promise<unknown> {
  const answer = await send(path, body);
  const value: unknown = await answer.json().catch(() => null);
  if (answer.ok) return value;
  const problem = HttpProblem.safeParse(value);
  throw new Error(problem.success ? problem.data.message : `The inspector answered with ${answer.status}.`);
}

async function send(path: string, body: object | undefined): Promise<Response> {
  try {
    if (body === undefined) return await fetch(path);
    const headers = { 'content-type': 'application/json' };
    return await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
  } catch {
    // A connection that breaks does not tell whether what was said had arrived.
    const doubt = body === undefined ? '' : ' What you said may not have been recorded: look when it is back.';
    throw new Error(`The inspector cannot be reached.${doubt}`);
  }
}
