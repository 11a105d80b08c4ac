import { once } from 'node:events';
import { type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { CodedError, DependencyError, messageOf } from '#contracts';
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
  | { readonly id: number; readonly error: { readonly code: string; readonly message: string } };

interface Waiting {
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
    await new Promise((resolve, reject) => this.waiting.set(OPENED, { resolve, reject }));
    this.isOpen = true;
  }

  call<Name extends keyof Api & string>(name: Name, input: Input<Api, Name>): Promise<Output<Api, Name>> {
    const { worker } = this;
    if (worker === null || this.death !== null) return Promise.reject(this.notThere());
    this.lastId += 1;
    const id = this.lastId;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve: (value) => resolve(value as Output<Api, Name>), reject });
      worker.postMessage({ id, name, input } satisfies Request);
    });
  }

  /** Lets the thread finish what it was asked before, then ends it. */
  async stop(): Promise<void> {
    const { worker } = this;
    if (worker === null || this.death !== null) return;
    this.isOpen = false;
    const exit = once(worker, 'exit');
    worker.postMessage(null);
    await exit;
  }

  private settle(reply: Reply): void {
    const waiting = this.waiting.get(reply.id);
    this.waiting.delete(reply.id);
    if ('error' in reply) waiting?.reject(new DependencyError(reply.error.code, reply.error.message));
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

/** Runs what came in together and gives the replies in the same order. */
export type RunGroup = (requests: readonly Request[]) => Promise<Reply[]>;

/**
 * The thread's side: everything that waits is taken at once and handed over as one group, so that one commit serves
 * all callers that came while the last one ran. A `null` message ends the thread after the group before it.
 */
export function serveCalls(
  port: MessagePort,
  service: { open: () => Promise<void>; runGroup: RunGroup; close: () => Promise<void>; maxGroup: number },
): void {
  const pending: (Request | null)[] = [];
  let isRunning = true;
  const run = async (): Promise<void> => {
    isRunning = true;
    for (;;) {
      drain(port, pending, service.maxGroup);
      const requests = takeRequests(pending);
      if (requests.length > 0) port.postMessage(await service.runGroup(requests));
      else if (pending[0] === null) {
        await service.close();
        port.close();
        return;
      } else break;
    }
    isRunning = false;
  };
  port.on('message', (message: Request | null) => {
    pending.push(message);
    if (!isRunning) void run();
  });
  void service.open().then(
    () => {
      port.postMessage([{ id: OPENED, value: null } satisfies Reply]);
      void run();
    },
    (error: unknown) => {
      port.postMessage([toReply(OPENED, error)]);
      port.close();
    },
  );
}

/** An error as a reply: coded errors keep their code, anything else is this thread's bug. */
export function toReply(id: number, error: unknown): Reply {
  return { id, error: { code: error instanceof CodedError ? error.code : 'INVARIANT', message: messageOf(error) } };
}

function drain(port: MessagePort, pending: (Request | null)[], maxGroup: number): void {
  while (pending.length < maxGroup) {
    const received = receiveMessageOnPort(port) as { message: Request | null } | undefined;
    if (received === undefined) return;
    pending.push(received.message);
  }
}

function takeRequests(pending: (Request | null)[]): Request[] {
  const end = pending.indexOf(null);
  const taken = pending.splice(0, end === -1 ? pending.length : end);
  return taken.filter((message) => message !== null);
}
