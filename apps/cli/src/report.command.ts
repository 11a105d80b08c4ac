import { Command, Option } from 'nest-commander';
import { type JudgeOptions, JudgeVerb } from './data-verb.js';
import { parseNumber } from './verb.js';

interface ReportOptions extends JudgeOptions {
  readonly out?: string;
  readonly robustness?: number;
}

/** As in a plan. */
const ROBUSTNESS = 60;

@Command({
  name: 'report',
  description: 'judge labelled pictures with a trained model and write report.html and report.json',
})
export class ReportCommand extends JudgeVerb {
  override async run(_: string[], options: ReportOptions): Promise<void> {
    const [{ evaluateModel }, { writeReport }, { chooseBackend }, { findModel }, { showProgress }] = await Promise.all([
      import('../../trainer/src/judge/evaluate-model.js'),
      import('../../trainer/src/steps/report.js'),
      import('#model/backend/choose'),
      import('./find-model.js'),
      import('./show-progress.js'),
    ]);
    const artefact = await findModel(options.model, options.registry);
    const progress = showProgress('report');
    const { scored, subset } = await evaluateModel({
      ...options,
      groupColumn: options.group,
      artefact,
      onProgress: progress.update,
    });
    progress.stop();
    await chooseBackend('wasm');
    const html = options.out ?? 'report.html';
    const files = { html, json: html.replace(/(\.html?)?$/, '.json') };
    await writeReport({ artefact, scored, subset, files, robustness: options.robustness ?? ROBUSTNESS });
    process.stdout.write(
      `${artefact.card.id} on ${scored.length} pictures (${subset}): ${files.html} and ${files.json}\n`,
    );
  }

  @Option({
    flags: '--out <file.html>',
    description: 'where the page goes, its figures beside it; default report.html',
  })
  out(text: string): string {
    return text;
  }

  @Option({ flags: '--robustness <pictures>', description: 'pictures judged under disturbances; default 60, 0 = none' })
  robustness(text: string): number {
    return parseNumber('--robustness', text);
  }
}
