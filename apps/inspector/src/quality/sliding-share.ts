/** Share of hits among the last so many of a stream. */
export class SlidingShare {
  private readonly ring: Uint8Array;
  private next = 0;
  private seen = 0;
  private hits = 0;

  /** @param over how many are looked at */
  constructor(private readonly over: number) {
    this.ring = new Uint8Array(over);
  }

  add(isHit: boolean): void {
    this.hits += Number(isHit) - (this.ring[this.next] ?? 0);
    this.ring[this.next] = Number(isHit);
    this.next = (this.next + 1) % this.over;
    this.seen = Math.min(this.seen + 1, this.over);
  }

  /** Null before there were so many. */
  get share(): number | null {
    return this.seen < this.over ? null : this.hits / this.over;
  }
}
