import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { ulid } from 'ulid';
import type { InspectorConfig, Secrets, Supervisor } from '#config';
import { type Alert, type CodedError, InvariantError, messageOf, Topics } from '#contracts';
import { EmbeddedBroker } from './broker/embedded-broker.js';
import { LiveBoard } from './dashboard/live-board.js';
import type { PagePeople } from './dashboard/people.js';
import type { PageRecords } from './dashboard/records.js';
import { Counters } from './health/counters.js';
import { Reporter } from './health/reporter.js';
import type { Inference } from './inference/inference.js';
import type { Lineup } from './inference/lineup.js';
import { makeInference } from './inference/make-inference.js';
import { DataFolder } from './ledger/data-folder.js';
import { type Archive, makeArchive } from './ledger/make-archive.js';
import { Outbox } from './ledger/outbox.js';
import { ledgerFileOf, plantPlaceOf } from './ledger/places.js';
import { Line } from './line.js';
import { type Log, makeLog } from './log.js';
import { Ingest } from './mqtt/ingest.js';
import { Publisher } from './mqtt/publisher.js';
import { RecordFeed } from './mqtt/record-feed.js';
import { sayRefusals } from './mqtt/refusals.js';
import { PartDesk } from './parts/part-desk.js';
import { ViewPictures } from './parts/view-pictures.js';
import { Recipes } from './recipes.js';
import { Alarms } from './state/alarms.js';
import { AlertFeed } from './state/alert-feed.js';
import { CameraClaims } from './state/camera-claims.js';
import { Presence } from './state/presence.js';
import { Pulse } from './state/pulse.js';
import { Storage } from './state/storage.js';
import { Watchdog } from './state/watchdog.js';
import { Supervision } from './supervision.js';

/** Longest wait for open frames when stopping, ms; supervisors kill after 10 s or later. */
const DRAIN_MS = 5_000;
/** Longest wait for the broker to take the last words, ms: one that has fallen silent takes none. */
const LAST_WORDS_MS = 4_000;
/** Rejects of earlier runs that a page sees after a restart. */
const EARLIER_REJECTS = 100;

/**
 * One inspector: its parts joined, started and drained in order. The road of a frame is in line.ts. The file is long
 * because broker, line and those who watch it all know each other: two halves of them would know each other too.
 */
export class Inspector {
  readonly bootId = ulid();
  readonly counters = new Counters();
  readonly board: LiveBoard;
  readonly records: PageRecords;
  readonly people: PagePeople;
  readonly presence: Presence;
  readonly reporter: Reporter;
  private readonly folder: DataFolder;
  private readonly log: Log;
  private readonly archive: Archive;
  private readonly broker = new EmbeddedBroker();
  private readonly lineup: Lineup;
  private readonly inference: Inference;
  private readonly publisher: Publisher;
  private readonly alerts: AlertFeed;
  private readonly recordFeed: RecordFeed;
  private readonly line: Line;
  private readonly supervision: Supervision;
  private readonly ingest: Ingest;
  private readonly watchdog: Watchdog;
  private brokerUrl: string;
  private greeting: Promise<void> | null = null;

  constructor(
    private readonly config: InspectorConfig,
    private readonly environment: { readonly secrets: Secrets; readonly supervisor: Supervisor | null },
  ) {
    const { secrets, supervisor } = environment;
    const { bootId, counters } = this;
    const { id: inspectorId, station, mode, dataDir } = config.inspector;
    const isShadow = mode === 'shadow';
    const about = { inspectorId, bootId };
    const recipes = new Recipes(config);
    const cameras = recipes.makePosts();
    const { byCamera: recipeOf } = recipes;
    this.brokerUrl = config.broker.url;
    this.folder = new DataFolder(dataDir);
    this.log = makeLog({ level: config.log.level, about, onLost: () => counters.count('log_lines_lost', {}) });
    const { owner, owners } = config.alarms;
    const ownerOf = (code: string): string | null => owners[code] ?? owner;
    const alarms = new Alarms({ ...about, ownerOf, onAlert: (alert) => this.tell(alert) });
    const reporter = new Reporter({ log: this.log, counters, alarms });
    this.reporter = reporter;

    const { lineup, inference } = makeInference({
      config,
      recipes,
      reporter,
      onChange: () => void this.presence.refresh(),
    });
    this.lineup = lineup;
    this.inference = inference;
    this.archive = makeArchive({ config, reporter, onDeath: crash });
    const { ledger, pictures, retention, plant, records } = this.archive;
    this.records = records;
    const board = new LiveBoard({
      ...about,
      station,
      simulated: mode === 'simulation',
      shadow: isShadow,
      startedAt: new Date(),
      cameras: [...recipeOf].map(([camera, recipe]) => ({
        camera,
        recipe,
        roi: recipes.roiOf(recipe, camera),
        deadlineMs: recipes.deadlineOf(recipe, camera),
      })),
      views: config.parts?.views ?? null,
    });
    this.board = board;

    const broker = {
      url: () => this.brokerUrl,
      broker: config.broker,
      secrets,
      topics: new Topics(station),
      cameras: recipes.cameras,
      clientId: `lineside-${inspectorId}-${bootId}`,
    };
    const publisher = new Publisher({
      ...about,
      ...broker,
      counters,
      isMute: isShadow,
      onListen: () => this.presence.listening(),
      onUp: () => this.brokerUp(),
      onDown: (error) => this.brokerDown(error),
      onRefused: (refusals) => {
        reporter.publishRefused(refusals.length === 0 ? null : sayRefusals(refusals));
        void this.presence.refresh();
      },
      onInspector: (state) => this.presence.heardInspector(state),
      onCamera: (claim) => {
        void supervision.heardCamera(claim);
        this.presence.heardCamera(claim);
      },
      onCommand: (command) => (!isShadow && this.presence.isOurs(command.camera) ? supervision.hear(command) : null),
    });
    this.publisher = publisher;
    this.alerts = new AlertFeed({ publisher, active: () => alarms.active });
    this.recordFeed = new RecordFeed({ ledger, publisher, onError: (error) => reporter.recordsDelayed(error) });
    // The historian has the line's own records.
    const outbox = new Outbox(isShadow ? [plant] : [this.recordFeed, plant]);

    const supervision = new Supervision({
      config,
      bootId,
      recipes,
      ledger,
      lineup,
      alarms,
      counters,
      reporter,
      retention,
      plant,
      outbox,
      line: () => this.line,
      refresh: () => this.presence.refresh(),
    });
    this.supervision = supervision;
    this.people = supervision.people;
    const { holds, challenges } = supervision;
    const onLedgerRefused = (error: unknown, frameId: string): void => {
      reporter.ledgerRefused(error, frameId);
      this.presence.set('LEDGER', messageOf(error));
    };
    const beside = {
      bootId,
      ledger,
      publisher,
      outbox,
      counters,
      holds,
      supervision,
      board,
      reporter,
      recipes,
      onLedgerRefused,
    };
    this.line = new Line({
      ...beside,
      mode: mode === 'production' ? mode : 'simulation',
      rules: { recipeOf, maxFrameBytes: config.queue.maxFrameBytes },
      cameras,
      inference,
      pictures,
      challenges,
      parts: new PartDesk({
        ...beside,
        alarms,
        pictures: new ViewPictures({ maxBytes: config.queue.maxBytes, pictures, counters }),
        plan: config.parts,
      }),
    });
    this.ingest = new Ingest({
      ...broker,
      group: `${inspectorId}-${bootId}`,
      onFrame: async (message) => {
        if (this.presence.isOurs(message.camera)) await this.line.accept(message);
        else counters.count('frames_not_ours', { camera: message.camera });
      },
      onRetained: (camera) => counters.count('frames_retained', { camera }),
      onUp: () => void this.presence.refresh(),
      onDown: (error) => {
        reporter.ingestDown(error);
        void this.presence.refresh();
      },
    });
    this.watchdog = new Watchdog({
      supervisor,
      prove: () => lineup.prove((supervisor?.watchdogMs ?? 0) / 2),
      onSilent: (problem) => reporter.watchdogSilent(problem),
    });
    this.presence = new Presence({
      ...about,
      recipes,
      publisher,
      ingest: this.ingest,
      lineup,
      claims: new CameraClaims({ ...about, isOnlooker: isShadow }),
      holds,
      storage: new Storage({
        dataDir,
        ledger,
        diskFreeBytes: config.ledger.diskFreeBytes,
        ledgerFile: ledgerFileOf(config),
      }),
      pulse: new Pulse({ bootId, cameras, publisher, board, reporter, inference, line: this.line }),
      board,
      reporter,
    });
  }

  /**
   * Bring it up: disk first, then the network, then frames. Models prove themselves meanwhile, in their own processes.
   * @param page its address, for the log. @param end what is started by then is to be stopped
   * @throws the reason of `end`
   * @throws DependencyError DATA_FOLDER_TAKEN, DATA_FOLDER, LEDGER_OPEN, PICTURES_OPEN, PLANT_OPEN, PORT_IN_USE; InputError, DependencyError BROKER_TLS
   */
  async start(page: string, end: AbortSignal): Promise<void> {
    const { config, log } = this;
    const { ledger, pictures, plant } = this.archive;
    const { id: inspectorId } = config.inspector;
    const ledgerFile = ledgerFileOf(config);
    this.folder.take();
    const models = this.lineup.start();
    await pictures.start();
    await ledger.start(ledgerFile);
    this.reporter.recovered(await this.line.recover());
    await this.supervision.start();
    await this.recordFeed.start();
    await plant.start({ inspectorId, ledgerFile, place: plantPlaceOf(config, this.environment.secrets) });
    if (config.broker.url === 'embedded') {
      const { embeddedHost: host, embeddedPort: port } = config.broker;
      this.brokerUrl = await this.broker.start({ host, port });
    }
    this.counters.begin(config.cameras.map(({ name }) => name));
    this.counters.watch({
      frames_open: () => this.line.openFrames,
      queue_frames: () => this.inference.held.frames,
      queue_bytes: () => this.inference.held.bytes,
      cameras_ready: () => this.presence.readyCameras,
      broker_connected: () => Number(this.publisher.isUp),
      plant_behind_rows: () => plant.behind,
      board_ignored: () => this.board.ignored,
    });
    void this.showEarlierRejects();
    // Nobody need hear of one that is to end.
    end.throwIfAborted();
    await this.presence.start();
    await this.publisher.start();
    // Models may take long, and frames of those that are ready are inspected meanwhile.
    await Promise.race([Promise.all([models, this.greeting]), rejectAt(end)]);
    await this.watchdog.start();
    log.info('started', { broker: this.brokerUrl, page });
  }

  /** Take no more frames, see the accepted ones through, say goodbye. Also after a start that failed halfway. */
  async stop(): Promise<void> {
    const { ledger, plant } = this.archive;
    await this.watchdog.stop();
    await this.ingest.stop();
    await this.line.drain(DRAIN_MS);
    // Side by side: one that has fallen silent takes no time from the others.
    await Promise.all([this.sayGoodbye(), this.lineup.stop(), plant.stop()]);
    await ledger.stop();
    this.folder.release();
    await this.broker.stop();
    this.log.info('stopped');
  }

  private async sayGoodbye(): Promise<void> {
    await Promise.race([this.sayLast(), wait(LAST_WORDS_MS, null, { ref: false })]);
    await this.supervision.stop();
    await this.publisher.stop();
  }

  /** To the gates that nothing is inspected any more, to the historian what was. */
  private async sayLast(): Promise<void> {
    await this.presence.stop();
    await this.recordFeed.stop().catch((error: unknown) => this.reporter.recordsDelayed(error));
  }

  /** Where the broker is, as clients write it. */
  get brokerAddress(): string {
    return this.brokerUrl;
  }

  get workerPids(): number[] {
    return this.lineup.pids;
  }

  private brokerUp(): void {
    this.reporter.brokerUp(this.brokerUrl);
    this.greeting = this.greet();
  }

  /** States first, then what could not be said while nobody listened. */
  private async greet(): Promise<void> {
    await this.presence.connected();
    await this.alerts.repeat();
    this.recordFeed.wake();
  }

  private brokerDown(error: CodedError): void {
    this.reporter.brokerDown(error);
    this.presence.set('BROKER', error.message);
  }

  /** The last rejects of earlier runs, when the plant database has all of them: also what a crash left open. */
  private async showEarlierRejects(): Promise<void> {
    const { plant } = this.archive;
    await plant.caughtUp;
    try {
      const rejects = { verdict: 'REJECT', limit: EARLIER_REJECTS } as const;
      const [{ verdicts }, { parts }] = await Promise.all([plant.search(rejects), plant.searchParts(rejects)]);
      this.board.restore({ verdicts: verdicts.reverse(), parts: parts.reverse() });
    } catch (error) {
      this.reporter.earlierRejectsUnknown(error);
    }
  }

  private tell(alert: Alert): void {
    this.board.showAlert(alert);
    void this.alerts.tell(alert);
  }
}

/** Rejects with its reason. */
async function rejectAt(end: AbortSignal): Promise<never> {
  if (!end.aborted) await once(end, 'abort');
  throw end.reason;
}

/** A thread of ours that ended by itself is our bug: end the process, and let the supervisor start a sound one. */
function crash(cause: Error): never {
  throw new InvariantError(`A thread of the inspector ended by itself: ${cause.message}.`, { cause });
}
