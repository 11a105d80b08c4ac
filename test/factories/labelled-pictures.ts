import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { tempDir } from './tools.js';

/** A 16 x 16 PNG of one colour; another `shade`, other bytes. */
export function makePicture(shade = 0): Promise<Buffer> {
  const background = { r: shade % 256, g: Math.floor(shade / 256) % 256, b: 128 };
  return sharp({ create: { width: 16, height: 16, channels: 3, background } })
    .png()
    .toBuffer();
}

/** A fresh data directory: a small picture at every path, no two alike; text files where `texts` says so. */
export async function makeDataDir(
  paths: readonly string[],
  texts: Readonly<Record<string, string>> = {},
): Promise<string> {
  const dir = tempDir();
  const files: [string, Buffer | string][] = Object.entries(texts);
  for (const [shade, path] of paths.entries()) files.push([path, await makePicture(shade)]);
  for (const [path, content] of files) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), content);
  }
  return dir;
}

/** `good/000.png` … and `defect/000.png` …, as many as asked for. */
export function classPaths(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts).flatMap(([label, n]) =>
    Array.from({ length: n }, (_, i) => `${label}/${String(i).padStart(3, '0')}.png`),
  );
}
