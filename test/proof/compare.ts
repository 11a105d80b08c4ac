import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { readCheckpoint } from '#model/weights/checkpoint';
import { foldWeights } from '#model/weights/fold-weights';
import { hashWeights } from '#model/weights/weight-map';
import { type Depths, type Reference, relativeDifference, runExported } from '../factories/agreement.js';
import type { Network } from './library.js';

/** How far the exported network is from its library, in units of the library's largest value. */
export interface Agreement {
  readonly network: string;
  readonly layout: string;
  readonly format: string;
  readonly inner: number;
  readonly embedding: number;
}

/**
 * Compares files of one network. Different files of equal weights give the same network, which computes once: what is
 * compared is everything that its outputs can depend on.
 */
export class Comparison {
  readonly #network: Network;
  readonly #reference: Reference;
  readonly #computed = new Map<string, Depths>();

  constructor(network: Network, reference: Reference) {
    this.#network = network;
    this.#reference = reference;
  }

  /** @param leaveOut layers of the file that are a head of one's own */
  async compare(file: string, format: string, leaveOut: readonly string[] = []): Promise<Agreement> {
    const { layout, size } = this.#reference;
    const { name, inner } = this.#network;
    const checkpoint = await readCheckpoint(await readFile(file), { backbone: name, variant: layout, leaveOut });
    const { backbone, raw } = checkpoint;
    const { normalise } = backbone;
    const weights = foldWeights(backbone, raw);
    const key = `${hashWeights(weights)} ${JSON.stringify(normalise)}`;
    const depths = this.#computed.get(key) ?? (await runExported({ backbone, weights, normalise, inner, size }));
    this.#computed.set(key, depths);
    assert.equal(backbone.variant, layout);
    return {
      network: name,
      layout,
      format,
      inner: relativeDifference(depths.inner, this.#reference.inner),
      embedding: relativeDifference(depths.embedding, this.#reference.embedding),
    };
  }
}
