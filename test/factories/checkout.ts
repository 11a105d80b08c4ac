import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Ended } from './lineside.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** Native TensorFlow comes into the copy by set-up alone. */
const LEFT_OUT = /^@tensorflow\/tfjs-node|^\./;

export interface Checkout {
  readonly dir: string;
  /** Run Node in it, with these additions to the environment. */
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Ended;
}

/**
 * Fill `dir` with a copy of this built checkout that shares its packages, for specs that change what is installed: what they set up is
 * gone with it and no other spec ever runs on it.
 */
export function copyCheckout(dir: string): Checkout {
  for (const name of [
    'package.json',
    'package-lock.json',
    'scripts',
    'dist/apps',
    'dist/libs',
    'dist/config',
    'dist/program',
  ]) {
    cpSync(join(ROOT, name), join(dir, name), { recursive: true });
  }
  for (const name of ['libs', 'config']) symlinkSync(join(ROOT, name), join(dir, name));
  for (const name of listPackages()) {
    const link = join(dir, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  return {
    dir,
    node: (args, env = {}) => {
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        cwd: dir,
        env: { ...process.env, ...env },
        encoding: 'utf8',
      });
      return { exitCode: status, stdout, stderr };
    },
  };
}

function listPackages(): string[] {
  const modules = join(ROOT, 'node_modules');
  const names = readdirSync(modules).flatMap((name) =>
    name.startsWith('@') ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
  );
  return names.filter((name) => !LEFT_OUT.test(name));
}
