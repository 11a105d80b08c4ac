import { Command, Option } from 'nest-commander';
import { DependencyError } from '#contracts';
import { Verb } from './verb.js';

/** Every look ends within this time, ms. */
const TIMEOUT_MS = 30_000;

@Command({
  name: 'doctor',
  description: 'say what this machine has, what is missing and what to do; fails when the line could not run',
})
export class DoctorCommand extends Verb {
  override async run(
    _: string[],
    { config, json }: { readonly config?: string; readonly json?: boolean },
  ): Promise<void> {
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
  }

  @Option({ flags: '--config <file>', description: 'the inspector’s YAML; default: this machine alone' })
  config(text: string): string {
    return text;
  }

  @Option({ flags: '--json', description: 'for a program that reads it' })
  json(): boolean {
    return true;
  }
}
