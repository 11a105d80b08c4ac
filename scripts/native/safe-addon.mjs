import { readFileSync, writeFileSync } from 'node:fs';
import { Refusal } from './refusal.mjs';

/**
 * Signals wait on this thread while one lives; those that tell of a fault do not. Threads that are started meanwhile
 * handle none.
 */
const HELD_SIGNALS = `#include <pthread.h>
#include <signal.h>

namespace {
struct HeldSignals {
  sigset_t before;
  HeldSignals() {
    sigset_t held;
    sigfillset(&held);
    for (int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS}) sigdelset(&held, fault);
    pthread_sigmask(SIG_BLOCK, &held, &before);
  }
  ~HeldSignals() { pthread_sigmask(SIG_SETMASK, &before, nullptr); }
};
}  // namespace

`;
const FIRST_INCLUDE = '#include "tfjs_backend.h"\n';
const NAMES = 'static std::set<std::string> ATTR_NAME_SET;';
const COMPUTE = '  TFE_Execute(tfe_op.op, result_handles.data(), &size, tf_status.status);';
const START = '  tfe_context_ = TFE_NewContext(tfe_options, tf_status.status);';

const CHANGES = [
  [FIRST_INCLUDE, `${FIRST_INCLUDE}${HELD_SIGNALS}`],
  [NAMES, NAMES.replace('static', 'static thread_local')],
  [COMPUTE, `  {\n    HeldSignals held;\n  ${COMPUTE}\n  }`],
  [START, `  {\n    HeldSignals held;\n  ${START}\n  }`],
];

/**
 * Make the addon's source safe for how it is used here.
 *
 * It keeps a backend per thread, but the names of attributes in one set for all of them, unguarded: two threads that meet a
 * new name at once end the process. Each thread gets a set of its own.
 *
 * oneDNN up to 3.11, as in TensorFlow 2.21, points the stack register into the heap while it multiplies matrices: a signal that is
 * handled just then (SIGTERM, a child's end, a profiler's tick) is written over other data (oneDNN issue 4845). So signals wait
 * until an operator has been computed, and TensorFlow's own threads handle none.
 */
export function makeSafe(source) {
  const known = readFileSync(source, 'utf8');
  let text = known;
  for (const [old, changed] of CHANGES) {
    if (known.split(old).length !== 2) {
      throw new Refusal(
        'ADDON_UNKNOWN',
        `The addon's source is another than this set-up knows: expected one line "${old.trim()}" in ${source}. Bring package-lock.json back as it was shipped, then npm ci.`,
      );
    }
    text = text.replace(old, () => changed);
  }
  writeFileSync(source, text);
}
