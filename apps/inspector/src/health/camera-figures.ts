/** Verdicts over which the p99 of the heartbeat runs. */
const LATENCIES = 512;

/** What one camera's road counted since the inspector started. Absolute; nothing in it grows with time. */
export class CameraFigures {
  accepted = 0;
  closed = 0;
  duplicates = 0;
  /** Sequence numbers skipped. */
  gaps = 0;
  /** Frames for which there was no room. */
  overloads = 0;
  private readonly latenciesMs: number[] = [];
  private next = 0;

  /** @param latencyMs from arrival to the way to the gate */
  close(latencyMs: number): void {
    this.closed += 1;
    this.latenciesMs[this.next] = latencyMs;
    this.next = (this.next + 1) % LATENCIES;
  }

  /** 99th percentile of the last verdicts' latency from arrival, ms; null before the first. */
  get p99Ms(): number | null {
    if (this.latenciesMs.length === 0) return null;
    const sorted = this.latenciesMs.toSorted((a, b) => a - b);
    return sorted[Math.ceil(sorted.length * 0.99) - 1] ?? null;
  }
}
