/** Where a value is wrong, and how: an issue of zod's, or what a check across fields found. */
export interface Misfit {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** A value from outside may be wrong in thousands of places: nobody reads on after so many. */
const MAX_TOLD = 20;

/**
 * Each problem as a line for the person who wrote the value, e.g. `` `cameras[0].name` is missing ``; the words come from
 * `say-issue.ts`. More than 20 are counted, not told.
 */
export function tellProblems({ issues }: { readonly issues: readonly Misfit[] }): string[] {
  const told = issues.slice(0, MAX_TOLD).map(tell);
  return issues.length > MAX_TOLD ? [...told, `and ${issues.length - MAX_TOLD} more`] : told;
}

function tell({ path, message }: Misfit): string {
  if (path.length === 0) return message;
  return `\`${placeOf(path)}\`${message.startsWith('is ') ? '' : ':'} ${message}`;
}

function placeOf([first = '', ...rest]: readonly PropertyKey[]): string {
  const below = rest.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`));
  return `${typeof first === 'number' ? `[${first}]` : String(first)}${below.join('')}`;
}
