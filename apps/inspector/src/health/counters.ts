import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { StationLatency } from '#contracts';

/** Every counter of the inspector. Each drop, skip and failure on the line has one: silence is the forbidden outcome. */
const COUNTERS = {
  frames_accepted: { help: 'Distinct frames accepted into the ledger', labels: ['camera'] },
  frames_duplicate: { help: 'Deliveries of a frame accepted before', labels: ['camera'] },
  frames_conflict: { help: 'Frames that carried the frameId of another frame', labels: ['camera'] },
  frames_retained: {
    help: 'Retained messages on a frame topic, ignored: no frame is ever retained',
    labels: ['camera'],
  },
  frames_not_ours: { help: 'Frames of cameras that another inspector has, left to it', labels: ['camera'] },
  frames_unacknowledged: {
    help: 'Frames not accepted because the ledger refused; not acknowledged',
    labels: ['camera'],
  },
  frames_missing: { help: 'Sequence numbers a camera skipped', labels: ['camera'] },
  verdicts: { help: 'Frames closed with their one verdict', labels: ['camera', 'verdict', 'reason'] },
  verdicts_apart: { help: 'Verdicts of simulated and challenge frames', labels: ['camera', 'origin', 'verdict'] },
  verdicts_unpublished: {
    help: 'Verdicts not sent to the gate: no broker, or one that acknowledges nothing',
    labels: ['camera'],
  },
  verdicts_late: { help: 'Verdicts that came after the window', labels: ['camera'] },
  verdicts_overtaken: {
    help: 'Verdicts whose window ended, or whose camera was taken off the line, while they were recorded; the gate heard that',
    labels: ['camera'],
  },
  verdicts_unrecorded: { help: 'Verdicts sent as INCONCLUSIVE because the ledger refused them', labels: ['camera'] },
  frames_of_no_part: {
    help: 'Frames without a part id or of no configured view, where parts have several views',
    labels: ['camera'],
  },
  views_missing: { help: 'Views without a verdict when the window of their part was over', labels: ['camera'] },
  views_late: { help: 'Views of parts that had their verdict without them', labels: ['camera'] },
  part_verdicts: {
    help: 'Parts of several views that had their one verdict, as the gate heard it',
    labels: ['verdict', 'reason'],
  },
  parts_apart: { help: 'Part verdicts of simulated and challenge parts', labels: ['origin', 'verdict'] },
  parts_late: { help: 'Part verdicts that came after the window, no view missing', labels: [] },
  parts_overtaken: {
    help: 'Part verdicts whose window ended, or a camera of which was taken off the line, while they were recorded; the gate heard that',
    labels: [],
  },
  parts_unrecorded: { help: 'Part verdicts sent as INCONCLUSIVE because the ledger refused them', labels: [] },
  parts_unpublished: {
    help: 'Part verdicts not sent to the gate: no broker, or one that acknowledges nothing',
    labels: [],
  },
  challenges: { help: 'Challenge parts: caught, missed by the model, or void', labels: ['camera', 'result'] },
  commands: { help: 'Commands heard, by the code of their reply', labels: ['camera', 'result'] },
  overrides: { help: "People's words on parts, beside the machine's verdict", labels: ['camera', 'disposition'] },
  commands_retained: { help: 'Retained commands, ignored: no command is ever retained', labels: [] },
  replies_refused: { help: 'Replies that were to go to a topic that is no reply topic', labels: [] },
  publish_failures: { help: 'Messages the broker did not take, or had no room for in time', labels: ['topic'] },
  messages_unreadable: { help: 'Messages on state topics that are no state', labels: [] },
  pictures_kept: { help: 'Pictures written', labels: [] },
  pictures_pruned: { help: 'Pictures taken off the disk because their time was over or it got full', labels: [] },
  pruning_failures: { help: 'Looks for old pictures that could not be carried out', labels: [] },
  view_pictures_dropped: {
    help: 'Pictures of passed views that did not fit into memory until the verdict on their part; kept by sample alone',
    labels: ['camera'],
  },
  pictures_lost: { help: 'Pictures that should have been kept and were not', labels: [] },
  workers_lost: { help: 'Inference workers that died or stalled', labels: ['code'] },
  models_refused: { help: 'Promoted models that failed their checks', labels: ['code'] },
  internal_errors: { help: 'Frames closed as INCONCLUSIVE(INTERNAL) by a bug of ours', labels: ['camera'] },
  balance_errors: { help: 'Checks in which accepted frames were not equal to closed and open ones', labels: [] },
  pages_refused: { help: 'Pages turned away: as many were open as may be', labels: [] },
  pages_resynced: { help: 'Pages that missed something and asked for everything again', labels: [] },
  page_deltas_skipped: { help: 'News not sent to a page that was still busy with the last', labels: [] },
  log_lines_lost: { help: 'Lines of the log that could not be written', labels: [] },
  plant_failures: { help: 'Failed attempts to bring records to the plant database', labels: ['code'] },
} as const satisfies Record<string, { help: string; labels: readonly string[] }>;

export type CounterName = keyof typeof COUNTERS;
export type Labels<Name extends CounterName> = Record<(typeof COUNTERS)[Name]['labels'][number], string>;

/** Figures read when they are asked for. */
export interface Gauges {
  readonly frames_open: () => number;
  readonly queue_frames: () => number;
  readonly queue_bytes: () => number;
  readonly cameras_ready: () => number;
  readonly broker_connected: () => number;
  readonly plant_behind_rows: () => number;
  readonly board_ignored: () => number;
}

const GAUGES: Record<keyof Gauges, string> = {
  frames_open: 'Accepted frames without a verdict yet',
  queue_frames: 'Frames held for inference',
  queue_bytes: 'Bytes of the frames held for inference',
  cameras_ready: 'Cameras that are READY',
  broker_connected: '1 while the broker is connected',
  board_ignored: 'News of cameras the live page does not know',
  plant_behind_rows: 'Ledger rows not yet in the plant database; NaN until it was reached once',
};

/** Latency classes around the usual windows of 50 to 500 ms, in seconds as Prometheus wants them. */
const BUCKETS = [0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5];

/** One station takes a part of the window. */
const STATION_BUCKETS = [0.0005, 0.001, 0.0025, ...BUCKETS];

/** The inspector's metrics, all with the prefix `lineside_`. */
export class Counters {
  private readonly registry = new Registry();
  private readonly counters: ReadonlyMap<string, Counter>;
  private readonly latency: Histogram;
  private readonly stations: Histogram;

  constructor() {
    this.counters = new Map(
      Object.entries(COUNTERS).map(([name, { help, labels }]) => [
        name,
        new Counter({ name: `lineside_${name}_total`, help, labelNames: [...labels], registers: [this.registry] }),
      ]),
    );
    this.latency = new Histogram({
      name: 'lineside_latency_seconds',
      help: 'From arrival of a frame to its verdict on the way to the gate',
      labelNames: ['camera'],
      buckets: BUCKETS,
      registers: [this.registry],
    });
    this.stations = new Histogram({
      name: 'lineside_station_seconds',
      help: 'What a frame spent at each station of its road: accept, queue, decode, infer, record',
      labelNames: ['station'],
      buckets: STATION_BUCKETS,
      registers: [this.registry],
    });
  }

  /** Whatever is counted of each camera stands at 0 from the start: a series that appears with its first loss never rose. */
  begin(cameras: Iterable<string>): void {
    for (const camera of cameras)
      for (const [name, { labels }] of Object.entries(COUNTERS))
        if (labels.length === 1 && labels[0] === 'camera') this.counters.get(name)?.inc({ camera }, 0);
  }

  /** What a closed frame spent at each station of its road. */
  observeStations(latencyMs: StationLatency): void {
    for (const [station, ms] of Object.entries(latencyMs)) this.stations.observe({ station }, ms / 1_000);
  }

  count<Name extends CounterName>(name: Name, labels: Labels<Name>, by = 1): void {
    this.counters.get(name)?.inc(labels, by);
  }

  observeLatency(camera: string, ms: number): void {
    this.latency.observe({ camera }, ms / 1_000);
  }

  /** Figures of the process and those that others hold. Called once. */
  watch(gauges: Gauges): void {
    collectDefaultMetrics({ register: this.registry, prefix: 'lineside_' });
    for (const [name, help] of Object.entries(GAUGES)) {
      const read = gauges[name as keyof Gauges];
      new Gauge({
        name: `lineside_${name}`,
        help,
        registers: [this.registry],
        collect() {
          this.set(read());
        },
      });
    }
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  /** Prometheus text. */
  print(): Promise<string> {
    return this.registry.metrics();
  }
}
