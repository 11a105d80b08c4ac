import { type CameraState, CodedError, codeOf, messageOf } from '#contracts';
import { listSome } from '#model/dataset/list-some';
import type { Choice } from '../inference/choose-runtime.js';
import type { LineupNews } from '../inference/lineup.js';
import type { Log } from '../log.js';
import type { Alarms } from '../state/alarms.js';
import type { Counters } from './counters.js';

export interface ReporterOptions {
  readonly log: Log;
  readonly counters: Counters;
  readonly alarms: Alarms;
}

/** As long as for an overload: a disk that takes one picture and loses the next does not make the alarm flicker. */
const PICTURES_CALM_MS = 10_000;

/** Of a camera that sends nothing but frames of one fault the log hears this often, ms; of so many faults of one reason at most. */
const REFUSED_AGAIN_MS = 60_000;
const MOST_FAULTS = 5;

/** What happens beside the road, told once to each who must know: log, counter, alarm. */
export class Reporter {
  /** By recipe; one alarm speaks of them all. */
  private readonly refusals = new Map<string, string>();
  /** The last picture lost, while its alarm is on. */
  private lost: { readonly problem: string; readonly atMs: number } | null = null;
  /** Which faults were told since when, by camera and reason. */
  private readonly told = new Map<string, { readonly sinceMs: number; readonly faults: Set<string> }>();

  constructor(private readonly to: ReporterOptions) {}

  pageNotBuilt(message: string): void {
    this.to.log.warn('page-not-built', { message });
  }

  brokerUp(url: string): void {
    this.to.log.info('broker-up', { broker: url });
  }

  brokerDown(error: CodedError): void {
    this.to.log.error('broker-down', fieldsOf(error));
  }

  /** @param message null when the broker takes everything again */
  publishRefused(message: string | null): void {
    const { log, alarms } = this.to;
    if (message === null) {
      alarms.clear('PUBLISH_REFUSED');
      log.info('publish-taken');
      return;
    }
    alarms.raise('PUBLISH_REFUSED', message);
    log.error('publish-refused', { message });
  }

  ingestDown(error: CodedError): void {
    this.to.log.warn('ingest-down', fieldsOf(error));
  }

  cameraState({ camera, state, reason, detail, model, place }: CameraState): void {
    const { log, alarms } = this.to;
    log.info('camera-state', { camera, state, reason, detail, model, ...place });
    if (state === 'READY') alarms.clear('NOT_READY', camera);
    else if (reason !== 'STOPPING' && reason !== 'STARTING')
      alarms.raise('NOT_READY', `${reason}: ${detail}`, camera, reason ?? undefined);
  }

  model(news: LineupNews): void {
    const { log, counters, alarms } = this.to;
    const { refusals } = this;
    const { event, ...fields } = news;
    if (news.event === 'model-refused') {
      const { recipe, code, message } = news;
      counters.count('models_refused', { code });
      log.error(event, fields);
      refusals.set(recipe, `Recipe ${recipe}: ${code}: ${message}`);
    } else {
      log.info(event, fields);
      if (news.event === 'refusal-over') refusals.delete(news.recipe);
    }
    if (refusals.size === 0) alarms.clear('MODEL_REFUSED');
    // Whoever saw another recipe's refusal has not seen this one.
    else alarms.raise('MODEL_REFUSED', [...refusals.values()].join(' '), null, [...refusals.keys()].join(' '));
  }

  /** Where a model computes, and what else was tried. */
  runtimeChosen(modelId: string, { place, by, msPerPicture, trials }: Choice): void {
    this.to.log.info('runtime-chosen', { modelId, ...place, by, msPerPicture, trials });
  }

  /** The choice is made again at the next start. */
  runtimeForgotten(message: string): void {
    this.to.log.warn('runtime-forgotten', { message });
  }

  workerLost(error: CodedError): void {
    this.to.counters.count('workers_lost', { code: error.code });
    this.to.log.error('worker-lost', fieldsOf(error));
  }

  /** @param error null when it is back */
  plant(error: CodedError | null): void {
    const { log, counters, alarms } = this.to;
    if (error === null) {
      alarms.clear('PLANT');
      log.info('plant-back');
      return;
    }
    counters.count('plant_failures', { code: error.code });
    alarms.raise('PLANT', error.message);
    log.warn('plant-away', fieldsOf(error));
  }

  /** @param row how far the ledger had been brought over that was there before this one was put back */
  plantAnew(row: number): void {
    this.to.log.warn('plant-anew', {
      message: `The ledger is another one than at row ${row}: put back from a copy. All of it is brought to the plant database again.`,
    });
  }

  /** More frames than can be inspected, now or a moment ago. */
  overload(camera: string, isOn: boolean): void {
    const message = 'More frames come than can be inspected; those without room are INCONCLUSIVE(OVERLOAD).';
    if (isOn) this.to.alarms.raise('OVERLOAD', message, camera);
    else this.to.alarms.clear('OVERLOAD', camera);
  }

  /** @param seq that a camera's count fell behind; null while it counts on */
  setBack(camera: string, seq: number | null): void {
    const { alarms } = this.to;
    if (seq === null) alarms.clear('SEQUENCE', camera);
    else {
      const message = `It counts from below ${seq} again: its frames are taken for old ones, LATE, duplicates or FRAME_METADATA, until seq has passed that. Let it say another bootId, or no seq.`;
      alarms.raise('SEQUENCE', message, camera);
    }
  }

  /** No sign of life was given: the supervisor will start the inspector again if this lasts. */
  watchdogSilent(message: string): void {
    this.to.log.error('watchdog-silent', { message });
  }

  /** What was wrong with a frame that nobody could judge, in words: the verdict has the reason alone. One a minute of each fault. */
  frameRefused(
    { camera, frameId }: { readonly camera: string; readonly frameId: string },
    { reason, message }: { readonly reason: string; readonly message: string },
    nowMs = performance.now(),
  ): void {
    const key = `${camera} ${reason}`;
    const last = this.told.get(key);
    const told =
      last !== undefined && nowMs - last.sinceMs < REFUSED_AGAIN_MS
        ? last
        : { sinceMs: nowMs, faults: new Set<string>() };
    this.told.set(key, told);
    // One fault with other figures is the same fault.
    const fault = message.replace(/\d+/g, '0');
    if (told.faults.has(fault) || told.faults.size >= MOST_FAULTS) return;
    told.faults.add(fault);
    this.to.log.warn('frame-refused', { camera, frameId, reason, message });
  }

  recordsDelayed(error: unknown): void {
    this.to.log.warn('records-delayed', fieldsOf(error));
  }

  earlierRejectsUnknown(error: unknown): void {
    this.to.log.warn('earlier-rejects-unknown', fieldsOf(error));
  }

  /** @param problem why a picture was lost; null when it was written */
  picture(problem: string | null, nowMs = performance.now()): void {
    const { log, counters, alarms } = this.to;
    counters.count(problem === null ? 'pictures_kept' : 'pictures_lost', {});
    if (problem !== null) {
      if (this.lost?.problem !== problem) log.error('pictures-lost', { message: problem });
      this.lost = { problem, atMs: nowMs };
      alarms.raise('PICTURES_LOST', `Pictures of parts are lost: ${problem}. Check the folder and its disk.`);
    } else if (this.lost !== null && nowMs - this.lost.atMs >= PICTURES_CALM_MS) {
      this.lost = null;
      alarms.clear('PICTURES_LOST');
      log.info('pictures-kept-again');
    }
  }

  /** @param tight the lots on hold, where the disk is under its limit and no picture of a pass is left to go; null where there is room */
  picturesPruned(removed: number, tight: readonly string[] | null): void {
    const { log, counters, alarms } = this.to;
    if (removed > 0) {
      counters.count('pictures_pruned', {}, removed);
      log.info('pictures-pruned', { removed });
    }
    if (tight === null) {
      alarms.clear('PICTURES');
      return;
    }
    const held = tight.length === 0 ? '' : ` and of lots on hold (${listSome(tight)})`;
    const orRelease = tight.length === 0 ? '' : ', or release a lot';
    alarms.raise(
      'PICTURES',
      `The disk is almost full and only pictures of rejects${held} are left. Free space, or give rejects an age${orRelease}.`,
    );
  }

  /** @param days how far ahead the inspector's clock is, and not believed; null where it is */
  clockLeap(days: number | null): void {
    const message = `The inspector's clock is ${days} days ahead of when it ran last: set wrong, or the line stood still so long, or its ledger is a copy of then. Until it has run on by it for a week no picture goes for its age. Check the date; every record has it.`;
    if (days === null) this.to.alarms.clear('CLOCK_LEAP');
    else this.to.alarms.raise('CLOCK_LEAP', message);
  }

  /** Old pictures stay, and the disk fills up. */
  pruningFailed(message: string): void {
    const { log, counters, alarms } = this.to;
    counters.count('pruning_failures', {});
    log.warn('pruning-failed', { message });
    alarms.raise(
      'PICTURES',
      `Taking old pictures off the disk failed: ${message}. Until it works the disk fills up: check the folder and its disk.`,
    );
  }

  /** A command was carried out or refused. */
  command(fields: { camera: string; command: string | null; ok: boolean; code: string | null; message: string }): void {
    this.to.log.info('command', fields);
  }

  /** What must survive a restart is not on the disk. */
  settingUnwritten(error: unknown): void {
    this.to.log.error('setting-unwritten', fieldsOf(error));
  }

  ledgerRefused(error: unknown, frameId: string): void {
    this.to.log.error('ledger-refused', { ...fieldsOf(error), frameId });
  }

  internalError(error: unknown, frameId: string): void {
    this.to.log.error('internal-error', { ...fieldsOf(error), frameId });
  }

  httpError(error: unknown): void {
    this.to.log.error('http-error', fieldsOf(error));
  }

  imbalance(figures: { accepted: number; closed: number; open: number }): void {
    this.to.counters.count('balance_errors', {});
    this.to.log.error('imbalance', figures);
  }

  recovered(interrupted: number): void {
    if (interrupted > 0) this.to.log.warn('recovered', { interrupted });
  }
}

/** Code and message of whatever was thrown, as log fields. */
function fieldsOf(error: unknown): { code: string; message: string } {
  return { code: codeOf(error), message: messageOf(error) };
}
