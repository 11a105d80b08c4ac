/**
 * Go over items twice, as over what is computed of pictures: what is read first is kept as far as it fits, and read again
 * beyond.
 */
export class Twice<Item> {
  readonly #items: readonly Item[];
  readonly #read: (items: readonly Item[]) => AsyncIterable<Float32Array[]>;
  readonly #kept: Float32Array[][] = [];
  #room: number;

  /**
   * @param read gives the values of the items, in their order, the same every time
   * @param keptBytes values that are kept at most
   */
  constructor(
    items: readonly Item[],
    { read, keptBytes }: { read: (items: readonly Item[]) => AsyncIterable<Float32Array[]>; keptBytes: number },
  ) {
    this.#items = items;
    this.#read = read;
    this.#room = keptBytes;
  }

  async *first(): AsyncGenerator<Float32Array[]> {
    for await (const values of this.#read(this.#items)) {
      this.#room -= values.reduce((bytes, { byteLength }) => bytes + byteLength, 0);
      // Once one did not fit none does, so that those kept are the first ones.
      if (this.#room >= 0) this.#kept.push(values);
      yield values;
    }
  }

  /** After {@link first}. */
  async *again(): AsyncGenerator<Float32Array[]> {
    yield* this.#kept;
    const rest = this.#items.slice(this.#kept.length);
    if (rest.length > 0) yield* this.#read(rest);
  }
}
