import { dataVerb } from '../data-verb.js';
import { parseSetting } from '../option-values.js';

export const benchWholeJobCommand = dataVerb(
  'whole-job',
  'seconds from pictures on disk to a certified model: first and second run, fast preset, against PyTorch',
)
  .option('--set <key=value>', 'one choice of the plan, repeatable: --set backend=wasm', parseSetting)
  .option('--python <path>', 'a Python with torch, safetensors and Pillow')
  .option('--wasm', 'time the WebAssembly backend too')
  .option('--json', 'for a program that reads it')
  .action(async (flags) => {
    const [{ benchWholeJob }, { printTable }] = await Promise.all([
      import('./whole-job.js'),
      import('../print-table.js'),
    ]);
    const rows = await benchWholeJob({
      data: flags.data,
      split: flags.split,
      good: flags.good,
      group: flags.group,
      settings: flags.set ?? {},
      isOnWasmToo: flags.wasm ?? false,
      python: flags.python ?? null,
      onLine: (who, line) => process.stderr.write(`${who}: ${line}\n`),
    });
    if (flags.json) {
      process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      return;
    }
    printTable(
      ['JOB', 'SECONDS', 'TO PYTORCH', 'AUROC', 'MAX F1', 'OVERKILL AT 95 %', 'STEPS, S'],
      rows.map(({ name, seconds, toPyTorch, figures, steps }) => [
        name,
        seconds.toFixed(1),
        toPyTorch?.toFixed(2) ?? '-',
        figures?.auroc.toFixed(4) ?? '-',
        figures?.maxF1.toFixed(3) ?? '-',
        figures === null ? '-' : `${(100 * figures.overkillAt95).toFixed(2)} %`,
        Object.entries(steps)
          .map(([step, took]) => `${step} ${took.toFixed(1)}`)
          .join(', '),
      ]),
    );
  });
