/**
 * So many messages may be on their way to the broker unacknowledged: its Receive Maximum (MQTT 5, 4.9). MQTT.js sends
 * whatever it is given, and a broker that keeps count hangs up. Who finds the window full waits, first come first.
 */
export class SendWindow {
  private onTheirWay = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly size: number) {}

  /** @param send called when there is room, at once where there is already; settles when its message is acknowledged or lost */
  async pass<T>(send: () => Promise<T>): Promise<T> {
    if (this.onTheirWay < this.size) this.onTheirWay += 1;
    else await new Promise<void>((enter) => this.waiting.push(enter));
    try {
      return await send();
    } finally {
      // The place goes to the next in line, so that nobody slips in between.
      const enterNext = this.waiting.shift();
      if (enterNext === undefined) this.onTheirWay -= 1;
      else enterNext();
    }
  }
}
