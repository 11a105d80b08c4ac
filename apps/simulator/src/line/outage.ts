/** Says that frames cannot be sent once when it begins and once when it is over, however many there are. */
export class Outage {
  #unsent = 0;

  constructor(private readonly say: (text: string) => void) {}

  /** @param what could not be sent, and why, in words */
  failed(what: string): void {
    if (this.#unsent === 0) this.say(`${what} What follows is counted until one goes out again.`);
    this.#unsent += 1;
  }

  sent(): void {
    if (this.#unsent > 0) this.say(`Sending again; not sent meanwhile: ${this.#unsent}.`);
    this.#unsent = 0;
  }
}
