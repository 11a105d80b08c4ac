import { RefusedError } from '#contracts';

/** The start script promotes under this name; where parts are really inspected, nobody may. */
const DEMO_NAME = 'demo';
/** Long enough for a name with its role, short enough for one line of a log. */
const MAX_LENGTH = 128;
const CONTROL = /\p{Cc}/u;

/**
 * The name of the person who answers for what goes live, trimmed.
 * @throws RefusedError PROMOTE_NAME when it is empty, longer than 128 or not printable; PROMOTE_DEMO_NAME for `demo`
 *   outside of a demonstration
 */
export function personName(by: string, registry: { readonly isDemo: boolean; readonly dir: string }): string {
  const name = by.trim();
  if (name === '' || name.length > MAX_LENGTH || CONTROL.test(name)) {
    throw new RefusedError(
      'PROMOTE_NAME',
      `Nobody answers for this: expected the name of a person in 1 to ${MAX_LENGTH} printable characters, got ${JSON.stringify(by.slice(0, MAX_LENGTH))}. Give your name.`,
    );
  }
  if (name.toLowerCase() === DEMO_NAME && !registry.isDemo) {
    throw new RefusedError(
      'PROMOTE_DEMO_NAME',
      `Name ${name} is refused: registry ${registry.dir} is not a demonstration's. Give the name of a person who answers for the model.`,
    );
  }
  return name;
}
