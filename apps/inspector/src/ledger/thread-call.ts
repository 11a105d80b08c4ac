import { once } from 'node:events';
import { type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { DependencyError, fromPlain, InvariantError, type PlainError, toPlain } from '#contracts';
import { THREAD_LIMITS } from '../heap.js';

/** What a thread offers: every call takes one value and gives one back. Values cross by structured clone. */
export type Calls<Api> = { [Name in keyof Api]: (input: never) => Promise<unknown> };
export type Input<Api extends Calls<Api>, Name extends keyof Api> = Parameters<Api[Name]>[0];
export type Output<Api extends Calls<Api>, Name extends keyof Api> = Awaited<ReturnType<Api[Name]>>;

export interface Request {
  readonly id: number;
  readonly name: string;
  readonly input: unknown;
}
export type Reply =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: PlainError };

interface Waiting {
  /** Monotonic ms. */
  readonly askedAt: number;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

/** Id of the reply that tells how opening ended; calls count from 1. */
const OPENED = 0;

/** The caller's side of a worker thread: typed calls, one promise each; a dead thread fails every call. */
export class CallThread<Api extends Calls<Api>> {
  private worker: Worker | null = null;
  private readonly waiting = new Map<number, Waiting>();
  private lastId = OPENED;
  private death: Error | null = null;
  private isOpen = false;

  /** @param onDeath told when the thread ends without having been asked to */
  constructor(
    private readonly module: URL,
    private readonly failureCode: string,
    private readonly onDeath: (error: Error) => void,
  ) {}

  /** @throws DependencyError with the code the thread gives when what it serves cannot be opened */
  async start(workerData: unknown): Promise<void> {
    const worker = new Worker(this.module, { workerData, resourceLimits: THREAD_LIMITS });
    this.worker = worker;
    worker.on('message', (replies: Reply[]) => {
      for (const reply of replies) this.settle(reply);
    });
    worker.on('error', (error) => this.die(error));
    worker.on('exit', (code) => this.die(new Error(`thread ended with code ${code}`)));
    await new Promise((resolve, reject) => this.waiting.set(OPENED, { askedAt: performance.now(), resolve, reject }));
    this.isOpen = true;
  }

  call<Name extends keyof Api & string>(name: Name, input: Input<Api, Name>): Promise<Output<Api, Name>> {
    const { worker } = this;
    if (worker === null || this.death !== null) return Promise.reject(this.notThere());
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      const askedAt = performance.now();
      this.waiting.set(id, { askedAt, resolve: (value) => resolve(value as Output<Api, Name>), reject });
      worker.postMessage({ id, name, input } satisfies Request);
    });
  }

  /** How long the longest waiting call has waited, ms; 0 when none waits. */
  get waitingMs(): number {
    for (const { askedAt } of this.waiting.values()) return performance.now() - askedAt;
    return 0;
  }

  /** The calls as methods of one object. */
  methods(names: readonly (keyof Api & string)[]): Api {
    const methods = names.map((name) => [name, (input: Input<Api, typeof name>) => this.call(name, input)]);
    return Object.fromEntries(methods) as Api;
  }

  /**
   * Lets the thread finish what it was asked before, then ends it.
   * @param patience ends it in the middle of that when it resolves; calls without an answer then fail
   */
  async stop(patience?: Promise<unknown>): Promise<void> {
    const { worker } = this;
    if (worker === null || this.death !== null) return;
    this.isOpen = false;
    const exit = once(worker, 'exit');
    worker.postMessage(null);
    await (patience === undefined ? exit : Promise.race([exit, patience.then(() => worker.terminate())]));
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(fromPlain(reply.error));
    else waiting?.resolve(reply.value);
  }

  private die(cause: Error): void {
    const isNews = this.death === null && this.isOpen;
    this.death ??= cause;
    for (const { reject } of this.waiting.values()) reject(this.notThere());
    this.waiting.clear();
    if (isNews) this.onDeath(cause);
  }

  private notThere(): DependencyError {
    return new DependencyError(
      this.failureCode,
      `The thread that serves it is not running: ${this.death?.message ?? 'never started'}. Restart the inspector.`,
      { cause: this.death },
    );
  }
}

/** What a thread serves: an opened store, some of its methods as calls. */
export interface Service<Store extends { stop(): Promise<void> }> {
  readonly open: () => Promise<Store>;
  readonly calls: readonly (keyof Store & string)[];
  /** Calls in one group at most: bounds how long one group can hold up the next. */
  readonly maxGroup: number;
  /** All of a group in one commit, and which errors end it for all; others fail their own call. Without it each call stands alone. */
  readonly commit?: {
    readonly run: (store: Store, work: () => Promise<Reply[]>) => Promise<Reply[]>;
    readonly isEndedBy: (error: unknown) => boolean;
  };
}

/**
 * The thread's side: everything that waits is taken at once and handed over as one group, so that one commit serves
 * all callers that came while the last one ran. Replies come in the same order. A `null` message ends the thread after
 * the group before it.
 */
export function serveCalls<Store extends { stop(): Promise<void> }>(port: MessagePort, service: Service<Store>): void {
  const { calls, commit, maxGroup } = service;
  const pending: (Request | null)[] = [];
  let isRunning = true;
  const answer = async (store: Store, { id, name, input }: Request): Promise<Reply> => {
    try {
      const call = calls.find((known) => known === name);
      if (call === undefined) throw new InvariantError(`The thread has no call ${name}.`);
      const method = store[call] as (input: unknown) => Promise<unknown>;
      return { id, value: await method.call(store, input) };
    } catch (error) {
      if (commit?.isEndedBy(error)) throw error;
      return toReply(id, error);
    }
  };
  const runGroup = async (store: Store, requests: readonly Request[]): Promise<Reply[]> => {
    const work = async (): Promise<Reply[]> => {
      const replies: Reply[] = [];
      for (const request of requests) replies.push(await answer(store, request));
      return replies;
    };
    try {
      return await (commit === undefined ? work() : commit.run(store, work));
    } catch (error) {
      return requests.map(({ id }) => toReply(id, error));
    }
  };
  const run = async (store: Store): Promise<void> => {
    isRunning = true;
    for (;;) {
      drain(port, pending, maxGroup);
      const requests = takeRequests(pending, maxGroup);
      if (requests.length > 0) port.postMessage(await runGroup(store, requests));
      else if (pending[0] === null) {
        await store.stop();
        port.close();
        return;
      } else break;
    }
    isRunning = false;
  };
  let opened: Store | null = null;
  port.on('message', (message: Request | null) => {
    pending.push(message);
    if (opened !== null && !isRunning) void run(opened);
  });
  void service.open().then(
    (store) => {
      opened = store;
      port.postMessage([{ id: OPENED, value: null } satisfies Reply]);
      void run(store);
    },
    (error: unknown) => {
      port.postMessage([toReply(OPENED, error)]);
      port.close();
    },
  );
}

function toReply(id: number, error: unknown): Reply {
  return { id, error: toPlain(error) };
}

function drain(port: MessagePort, pending: (Request | null)[], maxGroup: number): void {
  while (pending.length < maxGroup) {
    const received = receiveMessageOnPort(port) as { message: Request | null } | undefined;
    if (received === undefined) return;
    pending.push(received.message);
  }
}

function takeRequests(pending: (Request | null)[], most: number): Request[] {
  const end = pending.indexOf(null);
  const taken = pending.splice(0, Math.min(most, end === -1 ? pending.length : end));
  return taken.filter((message) => message !== null);
}
