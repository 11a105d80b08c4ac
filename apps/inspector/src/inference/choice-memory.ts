import { readFile, rename, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { Place } from '#contracts';

/** Choices kept; the oldest goes first. A line has a handful of models. */
const KEPT = 50;

const Remembered = z.array(
  Place.extend({
    key: z.string(),
    msPerPicture: z.number().nullable(),
    /** Starts in a row in which a trial's process ended in the middle. */
    killed: z.number().default(0),
    /** What was left out, and why. */
    failed: z.array(Place.extend({ ok: z.literal(false), code: z.string(), message: z.string() })).default([]),
  }),
);
export type RememberedChoice = z.infer<typeof Remembered>[number];

/**
 * Choices of earlier starts, in a small file. A key names everything that a choice depends on, so an entry is never
 * wrong, only unknown; a file that cannot be read is as good as none.
 */
export class ChoiceMemory {
  constructor(private readonly file: string) {}

  async find(key: string): Promise<RememberedChoice | null> {
    return (await this.read()).find((choice) => choice.key === key) ?? null;
  }

  /** @throws what the file system throws */
  async keep(choice: RememberedChoice): Promise<void> {
    const others = (await this.read()).filter(({ key }) => key !== choice.key);
    await this.write([...others, choice].slice(-KEPT));
  }

  /** @throws what the file system throws */
  async forget(key: string): Promise<void> {
    await this.write((await this.read()).filter((choice) => choice.key !== key));
  }

  private async read(): Promise<RememberedChoice[]> {
    try {
      return Remembered.parse(JSON.parse(await readFile(this.file, 'utf8')));
    } catch {
      return [];
    }
  }

  private async write(choices: readonly RememberedChoice[]): Promise<void> {
    const draft = `${this.file}.${process.pid}`;
    await writeFile(draft, `${JSON.stringify(choices, null, 2)}\n`);
    await rename(draft, this.file);
  }
}
