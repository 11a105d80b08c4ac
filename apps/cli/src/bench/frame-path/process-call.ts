import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { DependencyError } from '#contracts';
import { track } from '../scratch.js';

/** What every process of the bench may say when it cannot go on. */
export interface Failed {
  readonly kind: 'failed';
  readonly message: string;
}

/** A process of the bench that is asked one thing at a time. */
export class ProcessCall<Order extends object, Answer extends { readonly kind: string }> {
  private readonly exited: Promise<Failed>;

  private constructor(
    private readonly child: ChildProcess,
    private readonly about: string,
  ) {
    this.exited = once(child, 'exit').then(([code, signal]): Failed => {
      return { kind: 'failed', message: `the process ended with ${signal ?? `exit code ${code}`}` };
    });
  }

  /** @param module its compiled file */
  static start<Order extends object, Answer extends { readonly kind: string }>(
    module: URL,
    about: string,
  ): ProcessCall<Order, Answer> {
    const child = track(fork(module, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
    return new ProcessCall(child, about);
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  tell(order: Order): void {
    this.child.send(order);
  }

  /** Everything it says, in order. */
  hear(listen: (answer: Answer) => void): void {
    this.child.on('message', listen);
  }

  /** The next answer of this kind. @throws DependencyError BENCH_PROCESS when it fails or ends instead */
  async answer<Kind extends Answer['kind']>(kind: Kind): Promise<Extract<Answer, { kind: Kind }>> {
    let listen: (answer: Answer | Failed) => void = () => undefined;
    const said = new Promise<Answer | Failed>((resolve) => {
      listen = (answer) => (answer.kind === kind || answer.kind === 'failed') && resolve(answer);
      this.child.on('message', listen);
    });
    const answer = await Promise.race([said, this.exited]);
    this.child.off('message', listen);
    if (answer.kind === kind) return answer as Extract<Answer, { kind: Kind }>;
    this.child.kill('SIGKILL');
    const { message } = answer as Failed;
    throw new DependencyError('BENCH_PROCESS', `${this.about} cannot go on: ${message.replace(/\.$/, '')}.`);
  }

  async stop(): Promise<void> {
    if (this.child.connected) this.child.disconnect();
    await this.exited;
  }
}
