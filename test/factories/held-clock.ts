import { afterEach, beforeEach, mock } from 'node:test';

export interface HeldClock {
  /** Time goes on by so many ms; timers that end within them fire. */
  readonly pass: (ms: number) => void;
  /** Time goes on amid a piece of work: no timer has its turn. */
  readonly work: (ms: number) => void;
  /** Somebody sets the date back; the monotonic clock goes on. */
  readonly setBack: (ms: number) => void;
}

/**
 * The clocks stand still in every case of this suite, the date, the monotonic one and `setTimeout`, until the test lets time pass:
 * however slow the machine is, no window ends by itself.
 */
export function holdClock(): HeldClock {
  const startMs = Date.parse('2026-01-02T03:04:05.006Z');
  let behindMs = 0;
  beforeEach(() => {
    behindMs = 0;
    mock.timers.enable({ apis: ['Date', 'setTimeout'], now: startMs });
    mock.method(performance, 'now', () => Date.now() - startMs + behindMs);
  });
  afterEach(() => mock.reset());
  return {
    pass: (ms) => mock.timers.tick(ms),
    work: (ms) => mock.timers.setTime(Date.now() + ms),
    setBack: (ms) => {
      behindMs += ms;
      mock.timers.setTime(Date.now() - ms);
    },
  };
}
