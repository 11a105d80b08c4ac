import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { SCRIPTS } from './environment.js';
import NETWORKS from './networks.json' with { type: 'json' };

export type Network = (typeof NETWORKS)[number];
export { NETWORKS };

/** Formats of Keras files, as write_keras.py names them. */
export const KERAS_FORMATS = [
  'keras2-weights.h5',
  'keras2-v3.weights.h5',
  'keras2-model.h5',
  'keras2-model.keras',
  'keras3.weights.h5',
  'keras3-legacy.h5',
  'keras3-model.h5',
  'keras3-model.keras',
] as const;

export interface KerasJob {
  readonly network: Network;
  readonly formats: readonly string[];
  readonly topFormats: readonly string[];
  /** Picture size of the network with its classifier; null: the size it was published for. */
  readonly topSize: number | null;
}

export interface TorchJob {
  readonly network: Network;
  readonly layout: string;
}

const Reply = z.object({ folder: z.string() });

/** A Python process with a reference library in it, which writes one network after the other. */
export class Library {
  readonly #child;
  readonly #lines;
  #said = '';

  /** @param script write_keras.py or write_torch.py; @param out folder for what it writes */
  constructor(python: string, script: string, out: string) {
    this.#child = spawn(python, [join(SCRIPTS, script), out], { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stderr.on('data', (bytes: Buffer) => {
      this.#said = `${this.#said}${bytes}`.slice(-2000);
    });
    this.#child.on('error', (error) => {
      this.#said = error.message;
    });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** @returns the folder that now holds the network's files */
  async write(job: KerasJob | TorchJob): Promise<string> {
    this.#child.stdin.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`The library could not write ${job.network.name}: ${this.#said}`);
    return Reply.parse(JSON.parse(value)).folder;
  }

  async close(): Promise<void> {
    this.#child.stdin.end();
    if (this.#child.exitCode === null) await once(this.#child, 'exit');
  }
}
