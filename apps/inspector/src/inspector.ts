import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ulid } from 'ulid';
import type { InspectorConfig, Secrets } from '#config';
import { type CodedError, InputError, Topics } from '#contracts';
import { EmbeddedBroker } from './broker/embedded-broker.js';
import { LiveBoard } from './dashboard/live-board.js';
import { CameraFigures } from './health/camera-figures.js';
import { Counters } from './health/counters.js';
import { Crew } from './inference/crew.js';
import { Inference } from './inference/inference.js';
import { Lineup, type LineupNews } from './inference/lineup.js';
import { RegistrySource } from './inference/registry-source.js';
import { CameraClock } from './ingest/camera-clock.js';
import { Ledger } from './ledger/ledger.js';
import { Outbox } from './ledger/outbox.js';
import { PictureStore } from './ledger/pictures.js';
import { Plant } from './ledger/plant.js';
import type { PlantPlace } from './ledger/plant-store.js';
import { type CameraPost, Line } from './line.js';
import { fieldsOf, type Log, makeLog } from './log.js';
import { Gate } from './mqtt/gate.js';
import { Ingest } from './mqtt/ingest.js';
import { RecordFeed } from './mqtt/record-feed.js';
import { Alarms } from './state/alarms.js';
import { CameraClaims } from './state/camera-claims.js';
import { Presence } from './state/presence.js';

/** Longest wait for open frames when stopping, ms; supervisors kill after 10 s or later. */
const DRAIN_MS = 5_000;

/**
 * One inspector: every part of it, made with `new` and joined here, started and drained in order. The road of a frame
 * is in line.ts.
 */
export class Inspector {
  readonly bootId = ulid();
  readonly counters = new Counters();
  readonly log: Log;
  readonly board: LiveBoard;
  readonly plant: Plant;
  readonly pictures: PictureStore;
  readonly presence: Presence;
  private readonly alarms: Alarms;
  private readonly ledger = new Ledger();
  private readonly broker = new EmbeddedBroker();
  private readonly cameras: ReadonlyMap<string, CameraPost>;
  private readonly lineup: Lineup;
  private readonly inference: Inference;
  private readonly gate: Gate;
  private readonly records: RecordFeed;
  private readonly line: Line;
  private readonly ingest: Ingest;
  private brokerUrl: string;

  constructor(
    private readonly config: InspectorConfig,
    private readonly secrets: Secrets,
  ) {
    const { inspector, cameras, recipes, queue, inference, ledger: storage } = config;
    const { bootId, counters, ledger } = this;
    const { id: inspectorId, station, mode } = inspector;
    const about = { inspectorId, bootId };
    this.brokerUrl = config.broker.url;
    this.log = makeLog(config.log.level, { inspector: inspectorId, boot: bootId });
    const { log } = this;

    const recipeOf = new Map(cameras.map(({ name, recipe }) => [name, recipe]));
    const recipeNamed = new Map(recipes.map((recipe) => [recipe.name, recipe]));
    const roiOf = (recipe: string, camera: string) => recipeNamed.get(recipe)?.roi[camera] ?? null;
    const deadlineOf = (recipe: string, camera: string) =>
      (recipeNamed.get(recipe) ?? recipeNamed.get(recipeOf.get(camera) ?? ''))?.deadlineMs ??
      recipes[0]?.deadlineMs ??
      0;
    const { transportAllowanceMs } = config.broker;
    this.cameras = new Map(
      cameras.map(({ name, clockSync, clockToleranceMs }) => {
        const rules = { isSynchronised: clockSync, toleranceMs: clockToleranceMs, transportAllowanceMs };
        return [name, { clock: new CameraClock(rules), figures: new CameraFigures() }];
      }),
    );

    const source = new RegistrySource(config.registry.dir);
    this.lineup = new Lineup({
      source,
      recipes: [...recipeNamed.keys()],
      pollMs: config.registry.pollMs,
      makeCrew: (modelId) =>
        new Crew({
          modelId,
          modelDir: source.path(modelId),
          workers: inference.workers ?? availableParallelism(),
          batch: inference.batch,
          maxPixels: inference.maxPixels,
          timeoutMs: inference.timeoutMs,
          onWorkerLost: (error) => this.workerLost(error),
          onChange: () => this.lineupChanged(),
        }),
      onChange: (news) => this.modelNews(news),
    });
    this.inference = new Inference({ lineup: this.lineup, limits: queue, batch: inference.batch, roiOf });

    this.pictures = new PictureStore({
      dir: join(inspector.dataDir, 'pictures'),
      keepPass: storage.keepPassPictures,
      hashOf: (frameId) => ledger.pictureOf(frameId),
      onKept: (problem) => {
        counters.count(problem === null ? 'pictures_kept' : 'pictures_lost', {});
        if (problem !== null) log.warn('picture-lost', { message: problem });
      },
    });
    this.plant = new Plant((error) => this.plantState(error));

    const topics = new Topics(station);
    const clientId = `lineside-${inspectorId}-${bootId}`;
    const connection = { url: () => this.brokerUrl, broker: config.broker, secrets, topics };
    const cameraNames = [...recipeOf.keys()];
    this.gate = new Gate({
      ...connection,
      ...about,
      clientId: `${clientId}-gate`,
      cameras: cameraNames,
      counters,
      onUp: () => this.brokerUp(),
      onDown: (error) => this.brokerDown(error),
      onInspector: (state) => this.presence.heardInspector(state),
      onCamera: (state) => this.presence.heardCamera(state),
    });
    this.records = new RecordFeed({
      ledger,
      gate: this.gate,
      onError: (error) => log.warn('records-delayed', fieldsOf(error)),
    });
    this.board = new LiveBoard({
      ...about,
      station,
      simulated: mode === 'simulation',
      startedAt: new Date(),
      cameras: cameras.map(({ name, recipe }) => ({
        camera: name,
        recipe,
        roi: roiOf(recipe, name),
        deadlineMs: deadlineOf(recipe, name),
      })),
    });

    this.alarms = new Alarms({
      ...about,
      onAlert: (alert) => {
        this.board.showAlert(alert);
        void this.gate.publishAlert(alert);
      },
    });
    this.line = new Line({
      bootId,
      mode,
      rules: { recipeOf, maxFrameBytes: queue.maxFrameBytes },
      cameras: this.cameras,
      deadlineOf,
      ledger,
      inference: this.inference,
      pictures: this.pictures,
      gate: this.gate,
      outbox: new Outbox([this.records, this.plant]),
      board: this.board,
      counters,
      report: (event, error, frameId) => this.lineProblem(event, error, frameId),
    });
    this.ingest = new Ingest({
      ...connection,
      clientId,
      cameras: cameraNames,
      onFrame: async (message) => {
        if (this.presence.isOurs(message.camera)) await this.line.accept(message);
        else counters.count('frames_not_ours', { camera: message.camera });
      },
      onRetained: (camera) => counters.count('frames_retained', { camera }),
      onUp: () => void this.presence.refresh(),
      onDown: (error) => {
        log.warn('ingest-down', fieldsOf(error));
        void this.presence.refresh();
      },
    });
    this.presence = new Presence({
      ...about,
      dataDir: inspector.dataDir,
      diskFreeBytes: storage.diskFreeBytes,
      recipeOf,
      cameras: this.cameras,
      gate: this.gate,
      ingest: this.ingest,
      ledger,
      lineup: this.lineup,
      inference: this.inference,
      line: this.line,
      claims: new CameraClaims(about),
      alarms: this.alarms,
      board: this.board,
      onState: ({ camera, state, reason, detail, model }) =>
        log.info('camera-state', { camera, state, reason, detail, model }),
      onImbalance: (figures) => {
        counters.count('balance_errors', {});
        log.error('imbalance', figures);
      },
    });
  }

  /**
   * Bring it up: disk first, then the network, then frames.
   * @throws DependencyError LEDGER_OPEN, PICTURES_OPEN, PLANT_OPEN, PORT_IN_USE, BROKER_REFUSED; InputError BROKER_TLS
   */
  async start(): Promise<void> {
    const { config, log } = this;
    const { dataDir, id: inspectorId } = config.inspector;
    const ledgerFile = join(dataDir, 'ledger.sqlite');
    await this.pictures.start();
    await this.ledger.start(ledgerFile);
    const interrupted = await this.line.recover();
    if (interrupted > 0) log.warn('recovered', { interrupted });
    await this.records.start();
    await this.plant.start({ inspectorId, ledgerFile, place: placeOf(config, this.secrets) });
    if (config.broker.url === 'embedded') {
      const { embeddedHost: host, embeddedPort: port } = config.broker;
      this.brokerUrl = await this.broker.start({ host, port });
    }
    this.counters.watch({
      frames_open: () => this.line.openFrames,
      queue_frames: () => this.inference.held.frames,
      queue_bytes: () => this.inference.held.bytes,
      cameras_ready: () => this.presence.readyCameras,
      broker_connected: () => Number(this.gate.isUp),
      plant_behind_rows: () => this.plant.behind,
      board_ignored: () => this.board.ignored,
    });
    void this.showEarlierRejects();
    await this.gate.start();
    this.presence.start();
    await this.lineup.start();
    log.info('started', { broker: this.brokerUrl });
  }

  /** Take no more frames, see the accepted ones through, say goodbye. Also after a start that failed halfway. */
  async stop(): Promise<void> {
    await this.ingest.stop();
    await this.line.drain(DRAIN_MS);
    await this.presence.stop();
    await this.records.stop().catch((error: unknown) => this.log.warn('records-delayed', fieldsOf(error)));
    await this.gate.stop();
    await this.lineup.stop();
    await this.plant.stop();
    await this.ledger.stop();
    await this.broker.stop();
    this.log.info('stopped');
  }

  /** Where the broker is, as clients write it. */
  get brokerAddress(): string {
    return this.brokerUrl;
  }

  get workerPids(): number[] {
    return this.lineup.pids;
  }

  private brokerUp(): void {
    this.log.info('broker-up', { broker: this.brokerUrl });
    void this.presence.connected().then(() => this.records.wake());
  }

  private brokerDown(error: CodedError): void {
    this.log.error('broker-down', fieldsOf(error));
    this.presence.set('BROKER', error.message);
  }

  private lineupChanged(): void {
    this.inference.pump();
    void this.presence.refresh();
  }

  private modelNews(news: LineupNews): void {
    const { event, ...fields } = news;
    if (event === 'model-live') {
      this.log.info(event, fields);
      this.alarms.clear('MODEL_REFUSED');
      this.showRegions(news.recipe);
    } else {
      this.counters.count('models_refused', { code: news.code });
      this.log.error(event, fields);
      this.alarms.raise('MODEL_REFUSED', `Recipe ${news.recipe}: ${news.code}: ${news.message}`);
    }
    this.lineupChanged();
  }

  /** The page draws the region that is really inspected: the recipe's, else the card's. */
  private showRegions(recipe: string): void {
    const rois = this.config.recipes.find(({ name }) => name === recipe)?.roi;
    const cardRoi = this.lineup.crewOf(recipe)?.ready?.card.preprocess.roi ?? null;
    for (const { name: camera, recipe: own } of this.config.cameras) {
      if (own === recipe) this.board.showCamera({ camera, roi: rois?.[camera] ?? cardRoi });
    }
  }

  /** The last rejects of earlier runs, when the plant database can tell. */
  private async showEarlierRejects(): Promise<void> {
    try {
      const { verdicts } = await this.plant.search({ verdict: 'REJECT', limit: 100 });
      this.board.restoreRejects(verdicts.reverse());
    } catch (error) {
      this.log.warn('earlier-rejects-unknown', fieldsOf(error));
    }
  }

  private workerLost(error: CodedError): void {
    this.counters.count('workers_lost', { code: error.code });
    this.log.error('worker-lost', fieldsOf(error));
  }

  private plantState(error: CodedError | null): void {
    if (error === null) {
      this.alarms.clear('PLANT');
      this.log.info('plant-back');
      return;
    }
    this.counters.count('plant_failures', { code: error.code });
    this.alarms.raise('PLANT', error.message);
    this.log.warn('plant-away', fieldsOf(error));
  }

  private lineProblem(event: 'ledger-refused' | 'internal-error', error: unknown, frameId: string): void {
    this.log.error(event, { ...fieldsOf(error), frameId });
    if (event === 'ledger-refused') this.presence.set('LEDGER', fieldsOf(error).message);
  }
}

function placeOf({ plant, inspector }: InspectorConfig, { plantPassword: password }: Secrets): PlantPlace {
  if (plant.type === 'better-sqlite3') return { type: plant.type, file: join(inspector.dataDir, 'plant.sqlite') };
  if (plant.url !== null) return { type: plant.type, url: plant.url, password };
  throw new InputError('CONFIG_INVALID', 'plant.type postgres needs plant.url: postgres://user@host:port/database.');
}
