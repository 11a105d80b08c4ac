import { readFile } from 'node:fs/promises';
import { InputError, messageOf } from '#contracts';
import { writeWhole } from '../../../trainer/src/write-whole.js';

/**
 * The part of a Markdown file between the marks that bear its name: a command writes it, what stands around it is a person's.
 * @throws InputError BENCH_REPORT when the file cannot be read or has no such part
 */
export async function findPart(file: string, name: string): Promise<{ head: string; tail: string }> {
  const [start, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const expected = `Expected a file with the lines ${start} and ${end}.`;
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new InputError('BENCH_REPORT', `${file} cannot be read: ${messageOf(cause)}. ${expected}`, { cause });
  });
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to < from) throw new InputError('BENCH_REPORT', `${file} has no place for figures. ${expected}`);
  return { head: text.slice(0, from + start.length), tail: text.slice(to) };
}

/** Write it anew. @throws InputError BENCH_REPORT */
export async function writePart(file: string, name: string, text: string): Promise<void> {
  const { head, tail } = await findPart(file, name);
  await writeWhole(file, `${head}\n\n${text.trim()}\n\n${tail}`);
}
