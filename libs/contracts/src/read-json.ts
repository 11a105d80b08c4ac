/** What a text says as JSON. Undefined where it is none: the schema that reads it next refuses that, in its own words. */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
