import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Option } from '@commander-js/extra-typings';
import { codeOf, InputError, messageOf, type TrainEvent } from '#contracts';
import { endBy, onHangUp } from '#contracts/told-to-end';
import type { StopSwitch } from '../../trainer/src/stop-switch.js';
import { parseTarget, parseTargetFolder } from './option-values.js';
import { learnVerb } from './plan-verb.js';
import { goOnWithoutTerminal } from './unread-output.js';

const command = learnVerb('train', 'train a model on labelled pictures, certify it and put it into the registry')
  .requiredOption('--out <dir>', 'where the run and its model go', parseTargetFolder)
  .option('--registry <dir>', 'put the model into this registry; default var/registry', parseTargetFolder)
  .option('--json <file>', 'write the report there', parseTarget)
  .option('--folds <count>', 'cross-validate first, as `--set folds=` does')
  .option('--trial', 'stop when validation is scored: no model, its scores in trial.json')
  .option('--resume', 'go on with the run that was stopped or killed in --out')
  .addOption(new Option('--anew', 'drop what a run that was stopped in --out has learnt').conflicts('resume'))
  .option('--events', 'print what happens as JSON lines, for a program to read');

type TrainOptions = ReturnType<typeof command.opts>;

export const trainCommand = command.action(async (options) => {
  const printer = options.events
    ? { sink: printEvent, stop: () => undefined }
    : (await import('./show-events.js')).showEvents();
  let hasSaidWhy = false;
  const sink = (event: TrainEvent): void => {
    hasSaidWhy ||= event.event === 'failed';
    printer.sink(event);
  };
  try {
    await runTraining(options, sink);
  } catch (error) {
    // The run says its own failures; what goes wrong before it, only we can tell whoever listens.
    const code = codeOf(error);
    if (!hasSaidWhy) sink({ event: 'failed', code, message: messageOf(error), ts: new Date().toISOString() });
    throw error;
  } finally {
    printer.stop();
  }
});

async function runTraining(options: TrainOptions, sink: (event: TrainEvent) => void): Promise<void> {
  const [
    { train },
    { tryPlan },
    { StopSwitch },
    { readPlan },
    { loadTrainerConfig },
    { registryDir },
    { weightsDir },
    { writeWhole },
  ] = await Promise.all([
    import('../../trainer/src/train.js'),
    import('../../trainer/src/sweep/trial.js'),
    import('../../trainer/src/stop-switch.js'),
    import('../../trainer/src/plan/read-plan.js'),
    import('#config'),
    import('./registry-dir.js'),
    import('./weights/weights-dir.js'),
    import('../../trainer/src/write-whole.js'),
  ]);
  const stop = new StopSwitch();
  stopOnSignals(stop);
  const request = {
    data: options.data,
    split: options.split,
    good: options.good,
    group: options.group,
    plan: await readPlan(planFileOf(options), settingsOf(options)),
    out: options.out,
    cacheDir: options.cache ?? loadTrainerConfig().trainer.cacheDir,
    weightsDir: weightsDir(options.weightsDir),
    sinks: [sink],
    isResumed: options.resume ?? false,
    isAnew: options.anew ?? false,
    stop,
  };
  const report = options.trial
    ? await tryPlan(request)
    : await train({ ...request, registry: registryDir(options.registry) });
  if (options.json !== undefined) await writeWhole(options.json, `${JSON.stringify(report, null, 2)}\n`);
}

/** For the program that started us: one JSON line per event on stdout. */
function printEvent(event: TrainEvent): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/**
 * A run that goes on has its plan in its folder; saying it again does no harm.
 * @throws InputError RESUME_NOTHING when no run has begun there
 */
function planFileOf({ plan, set, folds, resume, out }: TrainOptions): string | undefined {
  if (resume !== true || plan !== undefined || set !== undefined || folds !== undefined) return plan;
  const file = join(out, 'plan.yaml');
  if (existsSync(file)) return file;
  throw new InputError('RESUME_NOTHING', `No run has begun in ${out}: nothing to go on with. Train without --resume.`);
}

/** What the command line says of the plan in words of its own; the card then repeats it. */
function settingsOf({ set, folds, group }: TrainOptions): Record<string, string> {
  return { ...set, ...(folds === undefined ? {} : { folds }), ...(group === undefined ? {} : { splitBy: group }) };
}

/** The first signal lets the run save what it has learnt; where there is nothing to save, and at the second, it ends at once. */
function stopOnSignals(stop: StopSwitch): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      if (!stop.ask()) process.kill(process.pid, signal);
    });
  }
  onHangUp(() => {
    if (stop.ask()) goOnWithoutTerminal();
    else endBy('SIGHUP');
  });
}
