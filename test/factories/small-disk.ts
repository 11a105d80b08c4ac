import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after } from 'node:test';

/** A file system of a few megabytes in memory. */
export interface SmallDisk {
  readonly dir: string;
  /** Write until nothing fits any more. */
  fill(): void;
  /** Take away what `fill` wrote. */
  free(): void;
}

/** A disk whose kernel can be told that it is failing. */
export interface FragileDisk {
  readonly dir: string;
  /** The kernel finds a fault and makes it read-only under whoever writes to it. */
  fail(): void;
  /** Nobody writes any more: check it and mount it again. */
  repair(): void;
}

/** For `describe` / `it`: false, or why no disk can be made to fail here. Printed. */
export function whyNoFragileDisk(): string | false {
  if (whyNoSmallDisk() !== false) return 'no file system can be mounted here';
  try {
    const dir = mkdtempSync(join(tmpdir(), 'lineside-fragile-'));
    const image = join(dir, 'image');
    execFileSync('truncate', ['-s', '1M', image]);
    execFileSync('mkfs.ext4', ['-q', image], { stdio: 'pipe' });
    const mounted = join(dir, 'mounted');
    mkdirSync(mounted);
    execFileSync('mount', ['-o', 'loop', image, mounted], { stdio: 'pipe' });
    execFileSync('umount', [mounted]);
    rmSync(dir, { recursive: true });
    return false;
  } catch {
    const skip =
      'a failing disk needs mkfs.ext4 and a loop device: run the tests as root, e.g. in a privileged container';
    console.error(`SKIPPED: ${skip}`);
    return skip;
  }
}

/** An ext4 file system in a file, mounted as disks of plants are: read-only on the first error. It goes with its test. */
export function mountFragileDisk(megabytes: number): FragileDisk {
  const dir = mkdtempSync(join(tmpdir(), 'lineside-fragile-'));
  const image = `${dir}.image`;
  execFileSync('truncate', ['-s', `${megabytes}M`, image]);
  execFileSync('mkfs.ext4', ['-q', image], { stdio: 'pipe' });
  const mount = (): unknown => execFileSync('mount', ['-o', 'loop,errors=remount-ro', image, dir]);
  mount();
  after(() => {
    execFileSync('umount', ['--lazy', dir]);
    rmSync(dir, { recursive: true, force: true });
    rmSync(image);
  });
  return {
    dir,
    fail: () => {
      const device = execFileSync('findmnt', ['-no', 'SOURCE', dir], { encoding: 'utf8' }).trim();
      writeFileSync(`/sys/fs/ext4/${basename(device)}/trigger_fs_error`, '1');
    },
    repair: () => {
      execFileSync('umount', [dir]);
      // 1: faults were found and mended.
      spawnSync('e2fsck', ['-fy', image], { stdio: 'pipe' });
      mount();
    },
  };
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
