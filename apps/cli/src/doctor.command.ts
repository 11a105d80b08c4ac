import { DependencyError } from '#contracts';
import { verb } from './verb.js';

/** Every look ends within this time, ms. */
const TIMEOUT_MS = 30_000;

export const doctorCommand = verb(
  'doctor',
  'say what this machine has, what is missing and what to do; fails when the line could not run',
)
  .option('--config <file>', 'the inspector’s YAML; default: this machine alone')
  .option('--json', 'for a program that reads it')
  .action(async ({ config, json }) => {
    const [{ listProbes }, { examine }, { formatFindings }, { loadSecrets }] = await Promise.all([
      import('./doctor/probes.js'),
      import('./doctor/finding.js'),
      import('./doctor/format-findings.js'),
      import('#config'),
    ]);
    const findings = await examine(listProbes(config, loadSecrets()), TIMEOUT_MS);
    const problems = findings.filter(({ state }) => state === 'blocked').map(({ about }) => about);
    const report = { isReady: problems.length === 0, findings };
    process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : formatFindings(findings));
    if (problems.length === 0) return;
    throw new DependencyError(
      'LINE_BLOCKED',
      `A line cannot run here with ${config ?? 'the shipped configuration'}: see ${problems.join(', ')} above.`,
    );
  });
