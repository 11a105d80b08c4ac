import type { Readable } from 'node:stream';

interface Wanted {
  readonly byteLength: number;
  readonly resolve: (bytes: Uint8Array) => void;
}

/** The worker's end of the pipe of pictures: gives them out in the order in which they were asked for. */
export class PictureReader {
  private readonly wanted: Wanted[] = [];

  constructor(private readonly pipe: Readable) {
    pipe.on('readable', () => this.serve());
  }

  /** The next so many bytes, when they are here. */
  read(byteLength: number): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.wanted.push({ byteLength, resolve });
      this.serve();
    });
  }

  private serve(): void {
    for (let [next] = this.wanted; next !== undefined; [next] = this.wanted) {
      const bytes: Buffer | null = next.byteLength === 0 ? Buffer.alloc(0) : this.pipe.read(next.byteLength);
      if (bytes === null) return;
      this.wanted.shift();
      next.resolve(bytes);
    }
  }
}
