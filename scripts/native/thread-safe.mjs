import { readFileSync, writeFileSync } from 'node:fs';
import { Refusal } from './refusal.mjs';

/**
 * The addon keeps a backend per thread, but the names of attributes in one set for all of them, unguarded: two threads
 * that meet a new name at once end the process. Each thread gets a set of its own.
 */
export function makeThreadSafe(source) {
  const text = readFileSync(source, 'utf8');
  const shared = 'static std::set<std::string> ATTR_NAME_SET;';
  if (text.split(shared).length !== 2) {
    throw new Refusal(
      'ADDON_UNKNOWN',
      `The addon's source is another than this set-up knows: expected one line "${shared}" in ${source}. Bring package-lock.json back as it was shipped, then npm ci.`,
    );
  }
  writeFileSync(source, text.replace(shared, shared.replace('static', 'static thread_local')));
}
