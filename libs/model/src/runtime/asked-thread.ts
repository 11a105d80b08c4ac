import { parentPort, type Transferable, Worker, type WorkerOptions } from 'node:worker_threads';
import { fromPlain, InvariantError, messageOf, type PlainError, toPlain } from '#contracts/errors';

type Reply<Answer> = { readonly answer: Answer } | { readonly error: PlainError };

interface Asking<Answer> {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread that answers its orders in turn; once it has ended every order fails. Whoever makes it stops it. */
export class AskedThread<Order, Answer> {
  readonly #thread: Worker;
  /** Who waits for an answer, the longest first. */
  readonly #asking: Asking<Answer>[] = [];
  /** What every order fails with once the thread is gone. */
  #end: Error | null = null;

  /**
   * @param file of the thread; it calls {@link answerOrders}
   * @param options `name` stands in messages, as in `reader`
   */
  constructor(file: URL, options: WorkerOptions & { readonly name: string }) {
    this.#thread = new Worker(file, options);
    this.#thread.on('message', (reply: Reply<Answer>) => {
      const asking = this.#asking.shift();
      if ('error' in reply) asking?.reject(fromPlain(reply.error));
      else asking?.resolve(reply.answer);
    });
    const fail = (found: string, cause?: unknown) =>
      this.#fail(new InvariantError(`The ${options.name} thread ${found}.`, { cause }));
    this.#thread.on('messageerror', (cause) => fail(`gave no readable answer: ${messageOf(cause)}`, cause));
    this.#thread.on('error', (cause) => fail(`broke down: ${messageOf(cause)}`, cause));
    this.#thread.on('exit', () => fail('has ended'));
  }

  /** Orders that are not answered yet. */
  get waiting(): number {
    return this.#asking.length;
  }

  /**
   * @param handedOver parts of the order that the thread gets instead of a copy
   * @throws what the thread met, of the same kind and code; InvariantError when it broke down or has ended
   */
  ask(order: Order, handedOver: readonly Transferable[] = []): Promise<Answer> {
    if (this.#end !== null) return Promise.reject(this.#end);
    this.#thread.postMessage(order, handedOver);
    return new Promise((resolve, reject) => this.#asking.push({ resolve, reject }));
  }

  /** End the thread now, whatever it is doing. */
  async stop(): Promise<void> {
    await this.#thread.terminate();
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const { reject } of this.#asking.splice(0)) reject(this.#end);
  }
}

/**
 * The other side: answer the orders of the thread that started this one, one after another. A failure answers the order it
 * met and no other.
 * @param open done once; where it fails, every order is answered with that
 * @param handedOver parts of an answer that are given away instead of copied
 * @throws InvariantError when this is no worker thread
 */
export function answerOrders<Order, Answer>(
  open: () => Promise<(order: Order) => Promise<Answer>>,
  handedOver: (answer: Answer) => readonly Transferable[] = () => [],
): void {
  const port = parentPort;
  if (port === null) throw new InvariantError('This file runs as a worker thread.');
  const opening = open();
  // Told with the first answer.
  let turn: Promise<unknown> = opening.catch(() => undefined);
  const answer = async (order: Order): Promise<void> => {
    try {
      const found = await (await opening)(order);
      port.postMessage({ answer: found } satisfies Reply<Answer>, handedOver(found));
    } catch (error) {
      port.postMessage({ error: toPlain(error) } satisfies Reply<Answer>);
    }
  };
  port.on('message', (order: Order) => {
    turn = turn.then(() => answer(order));
  });
}
