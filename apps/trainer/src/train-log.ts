import type { TrainEvent } from '#contracts';
import type { Doubt } from '#model/card';

/** Where a run's events go: a file, a terminal, the process that started it. Must not throw. */
export type TrainSink = (event: TrainEvent) => void;

type Epoch = Omit<Extract<TrainEvent, { event: 'epoch' }>, 'event' | 'ts'>;
type Kept = Omit<Extract<TrainEvent, { event: 'kept' }>, 'event' | 'ts'>;

/** Progress is news for a person: four lines a second at most, plus the last one. */
const PROGRESS_INTERVAL_MS = 250;

/**
 * What a training step says while it works. One per run; handed to every step, so that no step knows whether a
 * terminal, a file or a parent process listens.
 */
export class TrainLog {
  /** What was said against the run so far: goes into the card. */
  readonly doubts: Doubt[] = [];
  private progressStep = '';
  private progressStartedMs = 0;
  private progressSaidMs = 0;

  /** @param now milliseconds since the epoch */
  constructor(
    private readonly sinks: readonly TrainSink[],
    private readonly now: () => number = Date.now,
  ) {}

  /** A step has ended: one line a person reads. */
  step(step: string, text: string): void {
    this.say({ event: 'step', step, text, ts: this.timestamp() });
  }

  /** Something that a person should know before trusting the run, which goes on. */
  doubt(about: Doubt['about'], words: string): void {
    this.doubts.push({ about, words });
    this.step('doubt', words);
  }

  /** How far a step is, as often as it likes; the time left is estimated from its own pace. */
  progress({ step, done, total }: { step: string; done: number; total: number }): void {
    const nowMs = this.now();
    if (step !== this.progressStep || done === 0) {
      this.progressStep = step;
      this.progressStartedMs = nowMs;
      this.progressSaidMs = Number.NEGATIVE_INFINITY;
    }
    if (done < total && nowMs - this.progressSaidMs < PROGRESS_INTERVAL_MS) return;
    this.progressSaidMs = nowMs;
    const elapsedSeconds = (nowMs - this.progressStartedMs) / 1000;
    const etaSeconds = done > 0 ? Math.round((elapsedSeconds / done) * (total - done)) : null;
    this.say({ event: 'progress', step, done, total, etaSeconds, ts: this.timestamp() });
  }

  epoch(epoch: Epoch): void {
    this.say({ event: 'epoch', ...epoch, ts: this.timestamp() });
  }

  /** A phase has ended, and hands on the weights of an epoch. */
  kept(kept: Kept): void {
    this.say({ event: 'kept', ...kept, ts: this.timestamp() });
  }

  /** The run has ended well. @param modelId null where no model was put into a registry; `out`: where its files are */
  done({ modelId, out }: { modelId: string | null; out: string }): void {
    this.say({ event: 'done', modelId, out, ts: this.timestamp() });
  }

  failed({ code, message }: { code: string; message: string }): void {
    this.say({ event: 'failed', code, message, ts: this.timestamp() });
  }

  /** For a part of the run: its steps bear its name, its epochs stay untold. */
  part(name: string): TrainLog {
    const sink = (event: TrainEvent): void => {
      if (event.event === 'step' || event.event === 'progress') this.say({ ...event, step: `${name} ${event.step}` });
    };
    return new TrainLog([sink], this.now);
  }

  private say(event: TrainEvent): void {
    for (const sink of this.sinks) sink(event);
  }

  private timestamp(): string {
    return new Date(this.now()).toISOString();
  }
}
