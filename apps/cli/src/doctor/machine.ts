import { cpu, mem } from 'systeminformation';
import { type Finding, gap, ok } from './finding.js';

/** package.json, `engines`. */
const OLDEST_NODE = [20, 19] as const;
/** From here on better-sqlite3 12 can abort the process when it frees a database (CHANGELOG, known issues). */
const SHAKY_NODE = [24, 19] as const;

/** @param version as in `20.20.2` */
export function findNode(version: string): Finding[] {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const reaches = ([wantedMajor, wantedMinor]: readonly [number, number]) =>
    major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  if (!reaches(OLDEST_NODE)) {
    const advice = 'Expected 20.19 or later: install Node 22.';
    return [{ about: 'Node', state: 'blocked', found: version, advice }];
  }
  if (reaches(SHAKY_NODE))
    return [gap('Node', version, 'Take Node 20 or 22 on a line: see "Known issues" in the changelog.')];
  return [ok('Node', version)];
}

/** Instruction sets that change how fast a network is, by the names that Linux gives them. */
const EXTENSIONS = [
  { name: 'AVX2', flags: ['avx2'] },
  { name: 'AVX-512', flags: ['avx512f'] },
  { name: 'VNNI', flags: ['avx512_vnni', 'avx_vnni'] },
  { name: 'AMX', flags: ['amx_int8', 'amx_tile'] },
] as const;

export async function findCpu(): Promise<Finding[]> {
  const { manufacturer, brand, cores, flags } = await cpu();
  return describeCpu({ words: `${manufacturer} ${brand}, ${cores} cores`, flags, arch: process.arch });
}

/** @param flags as in /proc/cpuinfo; empty where the system does not tell */
export function describeCpu({ words, flags, arch }: { words: string; flags: string; arch: string }): Finding[] {
  const own = new Set(flags.split(/\s+/));
  if (arch !== 'x64' || !own.has('sse2')) return [ok('CPU', `${words}, ${arch}`)];
  const has = EXTENSIONS.filter((extension) => extension.flags.some((flag) => own.has(flag))).map(({ name }) => name);
  const found = `${words}; ${has.length === 0 ? 'no AVX2' : has.join(', ')}`;
  if (!has.includes('AVX2')) return [gap('CPU', found, 'Networks run several times slower without AVX2.')];
  if (!has.includes('VNNI'))
    return [gap('CPU', found, 'int8 is 1.1 to 2 times as fast as fp32 here, by network; with VNNI it is faster.')];
  return [ok('CPU', found)];
}

/** A worker with a small network takes about 200 MB, a training ten times that. */
const ENOUGH_BYTES = 2e9;

export async function findMemory(): Promise<Finding[]> {
  const { total, available } = await mem();
  return describeMemory({
    total,
    allowed: process.constrainedMemory(),
    free: Math.min(available, process.availableMemory()),
  });
}

/** In bytes. @param allowed what a container or service may take; more than `total` where it may take all */
export function describeMemory({ total, allowed, free }: { total: number; allowed: number; free: number }): Finding[] {
  const most = allowed < total ? `${gigabytes(allowed)} of ${gigabytes(total)} GB allowed` : `${gigabytes(total)} GB`;
  const found = `${most}, ${gigabytes(free)} GB of it free`;
  if (free >= ENOUGH_BYTES) return [ok('memory', found)];
  return [gap('memory', found, 'Expected 2 GB free: set inference.workers lower, or train elsewhere.')];
}

/** Bytes as a person reads them, in units of 10^9. */
export function gigabytes(bytes: number): string {
  return (bytes / 1e9).toFixed(1);
}
