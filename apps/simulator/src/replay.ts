import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TlsSettings } from '#config';
import { codeOf, InputError, messageOf, type ReplayReport, Topics } from '#contracts';
import { readDataset } from '#model/dataset/dataset';
import { type Sample, type Subset } from '#model/dataset/sample';
import { Camera } from './line/camera.js';
import { connectLine } from './line/connect.js';
import { listen } from './line/listen.js';
import { Outage } from './line/outage.js';
import { InFlight, until } from './line/pace.js';
import { Readiness } from './line/readiness.js';
import { ReplayCount } from './replay-count.js';

export interface ReplayOptions {
  /** Folders per class, or a CSV; see the data set reader. */
  readonly data: string;
  readonly split?: string;
  readonly good?: readonly string[];
  readonly group?: string;
  /** Default: `test` where the data has one, else everything. */
  readonly subset?: Subset | 'all';
  readonly broker: string;
  readonly username?: string | null;
  readonly password?: string | null;
  /** For `mqtts://`. */
  readonly tls?: TlsSettings;
  readonly station: string;
  /** A camera's name, or what the names of several begin with: pictures are dealt to them in turn. */
  readonly camera: string;
  readonly recipe?: string | null;
  readonly framesPerSecond: number;
  /** Marks the frames as simulated: a production inspector then never answers PASS. */
  readonly isSimulated: boolean;
  /** How long to wait for READY cameras, ms. */
  readonly readyTimeoutMs: number;
  /** After the last frame: how long nothing may come before what is missing counts as lost, ms. */
  readonly recordTimeoutMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
  readonly onTrouble?: (text: string) => void;
}

/** Frames expire at the broker after this time; generous, because a replay measures what comes back and not a gate. */
const FRAME_LIFE_MS = 60_000;
/** Frames sent and not yet acknowledged by the broker; beyond it sending holds back rather than filling memory. */
const MOST_UNACKNOWLEDGED = 256;
/** Of a frame that no broker took. */
const UNSENT: ReadonlySet<string> = new Set(['BROKER_AWAY', 'BROKER_REFUSED']);

/**
 * Send labelled pictures to a line at a steady rate and compare what comes back with their labels. A picture's own bytes
 * are sent, never decoded here.
 * @returns the report; `lost` counts pictures sent without a record, `notSent` those for which there was no broker, or
 *   one whose rules forbid it
 * @throws InputError of the data set reader, or SUBSET_EMPTY; DependencyError BROKER_UNREACHABLE | BROKER_SILENT | BROKER_REFUSED | BROKER_TLS |
 * LINE_NOT_READY
 */
export async function replay(options: ReplayOptions): Promise<ReplayReport> {
  const samples = await chooseSamples(options);
  const topics = new Topics(options.station);
  const connection = await connectLine({ ...options, url: options.broker, clientId: `replay-${randomUUID()}` });
  const readiness = new Readiness(options.station);
  const count = new ReplayCount();
  try {
    await listen({
      connection,
      topics,
      readiness,
      onVerdict: (verdict) => count.verdict(verdict),
      onRecord: (record) => count.record(record),
      onUnreadable: (topic, problem) => options.onTrouble?.(`unreadable message on ${topic}: ${problem}`),
    });
    const names = await readiness.findReady(options.camera, options.readyTimeoutMs);
    const cameras = names.map(
      (name) =>
        new Camera({
          connection,
          topics,
          name,
          recipe: options.recipe ?? null,
          isSimulated: options.isSimulated,
          windowMs: FRAME_LIFE_MS,
        }),
    );
    await sendAll({ samples, cameras, count, options });
    // Not for acknowledgements: what counts is what comes back.
    await count.untilComplete(options.recordTimeoutMs);
    return count.report();
  } finally {
    await connection.client.endAsync(true);
  }
}

async function chooseSamples(options: ReplayOptions): Promise<readonly Sample[]> {
  const { data, subset } = options;
  const { samples } = await readDataset({ ...options, dir: data, groupColumn: options.group });
  const side = subset ?? (samples.some((sample) => sample.split === 'test') ? 'test' : 'all');
  const chosen = side === 'all' ? samples : samples.filter((sample) => sample.split === side);
  if (chosen.length > 0) return chosen;
  throw new InputError(
    'SUBSET_EMPTY',
    `No picture of ${data} is in the subset ${side}: ${samples.length} pictures, none marked so. Name another subset, or a split file that marks them.`,
  );
}

async function sendAll({
  samples,
  cameras,
  count,
  options,
}: {
  samples: readonly Sample[];
  cameras: readonly Camera[];
  count: ReplayCount;
  options: ReplayOptions;
}): Promise<void> {
  const inFlight = new InFlight(MOST_UNACKNOWLEDGED);
  const outage = new Outage((text) => options.onTrouble?.(text));
  const start = performance.now();
  for (const [number, sample] of samples.entries()) {
    const camera = cameras[number % cameras.length];
    const picture = await readFile(sample.file);
    const isOn = await until(start + (number * 1000) / options.framesPerSecond, options.signal);
    if (!isOn || camera === undefined) break;
    const shot = { partId: partIdOf(sample), lot: sample.lot, picture };
    const frame = camera.trigger(shot);
    count.sent(frame, sample.label !== 'good');
    await inFlight.add(() =>
      camera.publish(shot, frame).then(
        () => outage.sent(),
        // The report says how many, and the pictures after it still go out.
        (error: unknown) => {
          if (UNSENT.has(codeOf(error))) count.notSent(frame);
          outage.failed(`${sample.path} not sent: ${messageOf(error)}`);
        },
      ),
    );
    options.onProgress?.(number + 1, samples.length);
  }
}

/** Names on the line are at most 128 characters; the end of a path tells pictures apart. */
function partIdOf(sample: Sample): string {
  return (sample.part ?? sample.path).slice(-128);
}
