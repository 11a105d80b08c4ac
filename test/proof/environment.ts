import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
export const SCRIPTS = join(ROOT, 'test', 'proof');

/** Reference libraries, each in a virtual environment of its own; what they need stands in test/proof. */
const ENVIRONMENTS = {
  keras: {
    requirements: 'requirements.txt',
    install: ['--no-deps', '--require-hashes'],
    asks: 'import keras, tf_keras',
  },
  torch: { requirements: 'requirements-torch.txt', install: [], asks: 'import torch, torchvision, timm' },
} as const;
export type EnvironmentName = keyof typeof ENVIRONMENTS;

/**
 * The Python of a virtual environment with the reference library, made where it is not there yet (a minute, and a
 * gigabyte). Changed requirements make a new one.
 * @param python the Python that makes it
 * @param under folder for environments
 * @throws Error in words what failed and what to do
 */
export function makeEnvironment(name: EnvironmentName, python: string, under = join(ROOT, 'var', 'proof')): string {
  const { requirements, install, asks } = ENVIRONMENTS[name];
  const file = join(SCRIPTS, requirements);
  const hash = createHash('sha256').update(readFileSync(file)).digest('hex').slice(0, 12);
  const dir = join(under, `${name}-${hash}`);
  const own = join(dir, 'bin', 'python');
  if (existsSync(join(dir, 'complete'))) return own;
  console.log(`making ${dir} from test/proof/${requirements} …`);
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(under, { recursive: true });
  attempt(python, ['-m', 'venv', dir], 'Install python3-venv.');
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary=:all:'];
  attempt(own, [...pip, ...install, '-r', file], 'It needs Python 3.11 to 3.13 and a package index within reach.');
  attempt(own, ['-c', asks], `Remove ${dir} and try again.`);
  mkdirSync(join(dir, 'complete'));
  return own;
}

function attempt(command: string, args: readonly string[], advice: string): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return;
  const words = error?.message ?? (stderr.trim().split('\n').at(-1) || `exit code ${status}`);
  throw new Error(`${command} ${args.slice(0, 4).join(' ')} failed: ${words}. ${advice}`);
}
