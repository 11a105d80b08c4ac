import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';

/** A file system of a few megabytes in memory. */
export interface SmallDisk {
  readonly dir: string;
  /** Write until nothing fits any more. */
  fill(): void;
  /** Take away what `fill` wrote. */
  free(): void;
}

/** For `describe` / `it`: false, or why no file system can be mounted here. Printed, and an error under CI=true as root. */
export function whyNoSmallDisk(): string | false {
  const skip =
    'a small file system can be mounted by root alone: run the tests as root, e.g. in a container with SYS_ADMIN';
  if (process.getuid?.() === 0) {
    try {
      const dir = mkdtempSync(join(tmpdir(), 'lineside-mount-'));
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', dir], { stdio: 'pipe' });
      execFileSync('umount', [dir]);
      rmSync(dir, { recursive: true });
      return false;
    } catch {
      // Said below.
    }
  }
  console.error(`SKIPPED: ${skip}`);
  return skip;
}

/** Mount it; it goes with the running test or suite. */
export function mountSmallDisk(megabytes: number, options: { isReadOnly?: boolean } = {}): SmallDisk {
  const dir = mkdtempSync(join(tmpdir(), 'lineside-disk-'));
  const mode = options.isReadOnly ? 'ro' : 'rw';
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,${mode}`, 'tmpfs', dir]);
  after(() => {
    execFileSync('umount', ['--lazy', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  const ballast = join(dir, 'ballast');
  return {
    dir,
    fill: () => {
      const { bavail, bsize } = statfsSync(dir);
      try {
        writeFileSync(ballast, Buffer.alloc(bavail * bsize));
      } catch (error) {
        // Somebody else took the last of it meanwhile.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    },
    free: () => rmSync(ballast),
  };
}
