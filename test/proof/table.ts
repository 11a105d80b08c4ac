import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { writePart } from '../../apps/cli/src/bench/written-part.js';
import { LARGEST_DIFFERENCE } from '../factories/agreement.js';
import type { Agreement } from './compare.js';
import { type EnvironmentName, ROOT, SCRIPTS } from './environment.js';

const PAGE = join(ROOT, 'docs', 'keras-agreement.md');

/** Put a proof's table into docs/keras-agreement.md, between the marks that bear its name. */
export async function writeTable(part: EnvironmentName, rows: readonly Agreement[]): Promise<void> {
  await writePart(PAGE, part, describe(part, rows));
  console.log(`wrote the table of ${part} to docs/keras-agreement.md`);
}

function describe(part: EnvironmentName, rows: readonly Agreement[]): string {
  const versions = part === 'keras' ? ['keras', 'tf-keras', 'tensorflow-cpu'] : ['torch', 'torchvision', 'timm'];
  const within = rows.filter(({ inner, embedding }) => Math.max(inner, embedding) <= LARGEST_DIFFERENCE).length;
  const made = `${within} of ${rows.length} files within ${LARGEST_DIFFERENCE}; ${versions.map(pinned).join(', ')}.`;
  return `${made}\n\n${(part === 'keras' ? byFormat(rows) : byLayout(rows)).join('\n')}`;
}

/** A line for each network, a column for each format: the larger of the two depths' differences. */
function byFormat(rows: readonly Agreement[]): string[] {
  const formats = [...new Set(rows.map(({ format }) => format))];
  const networks = [...new Set(rows.map(({ network }) => network))];
  const cell = (network: string, format: string) => {
    const row = rows.find((one) => one.network === network && one.format === format);
    return row === undefined ? '' : Math.max(row.inner, row.embedding).toExponential(1);
  };
  return [
    `| backbone | ${formats.map((format) => `\`${format.split(' ')[0]}\`${format.replace(/^\S+/, '')}`).join(' | ')} |`,
    `| --- |${' ---: |'.repeat(formats.length)}`,
    ...networks.map((network) => `| ${network} | ${formats.map((format) => cell(network, format)).join(' | ')} |`),
  ];
}

function byLayout(rows: readonly Agreement[]): string[] {
  return [
    '| backbone | library | inner layer | embedding |',
    '| --- | --- | ---: | ---: |',
    ...rows.map(
      ({ network, layout, inner, embedding }) =>
        `| ${network} | ${layout} | ${inner.toExponential(1)} | ${embedding.toExponential(1)} |`,
    ),
  ];
}

function pinned(name: string): string {
  const lines = ['requirements.txt', 'requirements-torch.txt'].map((file) => readFileSync(join(SCRIPTS, file), 'utf8'));
  return `${name} ${new RegExp(`^${name}==([\\w.]+)`, 'm').exec(lines.join('\n'))?.[1]}`;
}
