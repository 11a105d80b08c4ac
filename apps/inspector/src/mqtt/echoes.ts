/** Longest that our own word may take to come back after the broker acknowledged it, ms; from one that is well it takes a few. */
const ECHO_MS = 5_000;

/**
 * Our own words on topics that we listen to. A broker of MQTT 3.1.1 acknowledges what its rules throw away, and every one may
 * let us subscribe to what we shall never hear: only that a word does not come back tells.
 */
export class Echoes {
  /** By topic; a timer where the broker has acknowledged the word. */
  private readonly awaited = new Map<string, NodeJS.Timeout | null>();

  /** @param onMissing told of a word that the broker acknowledged and did not bring back: its topic */
  constructor(private readonly onMissing: (topic: string) => void) {}

  /** Before it is sent: it may come back before it is acknowledged. */
  expect(topic: string): void {
    if (!this.awaited.has(topic)) this.awaited.set(topic, null);
  }

  /** Acknowledged. */
  waitFor(topic: string): void {
    if (this.awaited.get(topic) !== null) return;
    const miss = (): void => {
      this.awaited.delete(topic);
      this.onMissing(topic);
    };
    this.awaited.set(topic, setTimeout(miss, ECHO_MS).unref());
  }

  /** It came back, or was never taken. */
  settle(topic: string): void {
    clearTimeout(this.awaited.get(topic) ?? undefined);
    this.awaited.delete(topic);
  }

  /** The connection is another one. */
  settleAll(): void {
    for (const topic of [...this.awaited.keys()]) this.settle(topic);
  }
}
