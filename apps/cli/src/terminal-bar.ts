import { type Options, type Preset, SingleBar } from 'cli-progress';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/**
 * A bar on stderr. It hides the cursor and keeps long lines from breaking; where a signal comes meanwhile, the terminal
 * gets both back before anything ends.
 */
export class TerminalBar {
  private readonly bar: SingleBar;
  private listeners: readonly (() => void)[] = [];

  constructor(options: Options, preset: Preset) {
    this.bar = new SingleBar({ ...options, hideCursor: true, stream: process.stderr }, preset);
  }

  start(total: number, done: number, payload?: object): void {
    this.listeners = SIGNALS.map((signal) => {
      // Who listens already says what the signal means; where nobody does it ends the program.
      const isHeard = process.listenerCount(signal) > 0;
      const listener = (): void => {
        this.stop();
        if (!isHeard) process.kill(process.pid, signal);
      };
      // Before the others: one of them may end the program.
      process.prependListener(signal, listener);
      return () => process.removeListener(signal, listener);
    });
    this.bar.start(total, done, payload);
  }

  /** @param total of what is done now: one bar may show one thing after another */
  update(done: number, total: number, payload?: object): void {
    this.bar.setTotal(total);
    this.bar.update(done, payload);
  }

  stop(): void {
    for (const leave of this.listeners) leave();
    this.listeners = [];
    this.bar.stop();
  }
}
