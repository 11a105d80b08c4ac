import { writeSync } from 'node:fs';

const STDOUT = 1;

/**
 * Where a server's log goes. A line that cannot be written now is dropped and counted, whatever the reason: the disk is
 * full, the reader is gone, or a pipe has no room (EAGAIN). Waiting or trying again would hold up everything else. A line
 * that was begun is finished before the next one, so that the log stays one JSON object a line.
 */
export class LogLines {
  private begun: Buffer = Buffer.alloc(0);
  private lostLines = 0;

  constructor(
    private readonly onLost: () => void = () => undefined,
    private readonly fd = STDOUT,
  ) {}

  /** Lines of which nothing was written. */
  get lost(): number {
    return this.lostLines;
  }

  /** Never throws. */
  write(line: string): void {
    const bytes = Buffer.from(line);
    this.begun = this.put(this.begun);
    const rest = this.begun.length > 0 ? bytes : this.put(bytes);
    if (rest.length < bytes.length) {
      this.begun = rest;
      return;
    }
    this.lostLines += 1;
    this.onLost();
  }

  /** @returns what there was no room for */
  private put(bytes: Buffer): Buffer {
    let rest = bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(this.fd, rest));
    } catch {
      // Not even this can be logged: what is left says it.
    }
    return rest;
  }
}
