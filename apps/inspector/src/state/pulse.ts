import type { LiveBoard } from '../dashboard/live-board.js';
import type { Reporter } from '../health/reporter.js';
import type { Inference } from '../inference/inference.js';
import type { Line } from '../line.js';
import type { Publisher } from '../mqtt/publisher.js';
import type { CameraPost } from '../recipes.js';

/** Beats without overload after which its alarm ends: one that goes out with the first would flicker. */
const CALM_BEATS = 10;

export interface PulseOptions {
  readonly bootId: string;
  readonly cameras: ReadonlyMap<string, CameraPost>;
  readonly publisher: Pick<Publisher, 'isUp' | 'publishHeartbeat'>;
  readonly inference: Pick<Inference, 'waitingOf' | 'lastInferenceTs'>;
  readonly line: Pick<Line, 'openFrames'>;
  readonly board: Pick<LiveBoard, 'showCamera' | 'showBroker'>;
  readonly reporter: Pick<Reporter, 'imbalance' | 'overload' | 'setBack'>;
}

/** Once a second: how each camera does, to broker and page, and whether every accepted frame is accounted for. */
export class Pulse {
  private readonly overloads = new Map<string, { count: number; beat: number }>();
  private beats = 0;

  constructor(private readonly options: PulseOptions) {}

  /** @param isHeard cameras whose heartbeat is ours to send */
  beat(isHeard: (camera: string) => boolean): void {
    const { cameras, publisher, inference, bootId, board, line, reporter } = this.options;
    this.beats += 1;
    const sum = { accepted: 0, closed: 0, open: line.openFrames };
    board.showBroker(publisher.isUp);
    for (const [camera, { figures, clock }] of cameras) {
      const { accepted, closed, duplicates, gaps, p99Ms } = figures;
      this.watchOverload(camera, figures.overloads);
      reporter.setBack(camera, clock.setBackFrom);
      sum.accepted += accepted;
      sum.closed += closed;
      const queue = inference.waitingOf(camera);
      const lastInferenceTs = inference.lastInferenceTs(camera);
      board.showCamera({ camera, queue, p99Ms, lastInferenceTs, accepted, duplicates, gaps });
      if (isHeard(camera)) {
        publisher.publishHeartbeat({
          schema: 'vision.heartbeat/1',
          camera,
          bootId,
          seq: this.beats,
          ts: new Date().toISOString(),
          lastInferenceTs,
          queue,
          p99: p99Ms,
        });
      }
    }
    if (sum.accepted !== sum.closed + sum.open) reporter.imbalance(sum);
  }

  private watchOverload(camera: string, overloads: number): void {
    const last = this.overloads.get(camera) ?? { count: 0, beat: Number.NEGATIVE_INFINITY };
    const beat = overloads > last.count ? this.beats : last.beat;
    this.overloads.set(camera, { count: overloads, beat });
    this.options.reporter.overload(camera, this.beats - beat < CALM_BEATS);
  }
}
