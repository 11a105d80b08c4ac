import type { InspectorConfig } from '#config';
import { type CameraClaim, messageOf, type PartVerdict, type Verdict } from '#contracts';
import { ChallengeDesk } from './challenge/challenge-desk.js';
import { type AcceptedFrames, Changeover } from './commands/changeover.js';
import { CommandDesk, type CommandMessage, type Reply } from './commands/command-desk.js';
import { OverrideDesk } from './commands/override-desk.js';
import { PageRequests } from './commands/page-requests.js';
import type { Counters } from './health/counters.js';
import type { Reporter } from './health/reporter.js';
import type { Lineup } from './inference/lineup.js';
import type { Ledger } from './ledger/ledger.js';
import type { Outbox } from './ledger/outbox.js';
import type { PictureRetention } from './ledger/picture-retention.js';
import type { Plant } from './ledger/plant.js';
import { QualityWatch, WATCHED } from './quality/quality-watch.js';
import type { Recipes } from './recipes.js';
import type { Alarms } from './state/alarms.js';
import { Holds } from './state/holds.js';

const LOOK_MS = 1_000;
/** Pictures are looked through this often. */
const PRUNE_MS = 60_000;

export interface SupervisionOptions {
  readonly config: InspectorConfig;
  readonly bootId: string;
  readonly recipes: Recipes;
  readonly ledger: Pick<Ledger, 'settings' | 'set' | 'note' | 'override' | 'overridesOf'>;
  readonly lineup: Pick<Lineup, 'problemOf' | 'crewOf'>;
  readonly alarms: Pick<Alarms, 'raise' | 'clear' | 'acknowledge'>;
  readonly counters: Counters;
  readonly reporter: Pick<Reporter, 'command' | 'settingUnwritten' | 'pruningFailed'>;
  readonly retention: Pick<PictureRetention, 'restore' | 'look' | 'hold' | 'release' | 'stop'>;
  readonly plant: Pick<Plant, 'newestOf'>;
  readonly outbox: Pick<Outbox, 'wake'>;
  readonly line: () => AcceptedFrames;
  /** Look at every camera again and tell the gates. */
  readonly refresh: () => Promise<void>;
}

/** What watches the line and takes orders for it: alarms on quality, challenge parts, commands, retention of pictures. */
export class Supervision {
  readonly holds: Holds;
  readonly challenges: ChallengeDesk;
  /** What people ask for on the page. */
  readonly people: PageRequests;
  private readonly quality: QualityWatch;
  private readonly changeover: Changeover;
  private readonly commands: CommandDesk;
  private readonly timers: NodeJS.Timeout[] = [];

  constructor(private readonly options: SupervisionOptions) {
    const { config, recipes, ledger, lineup, alarms, counters, reporter, line, bootId, retention } = options;
    const { cameras } = recipes;
    this.holds = new Holds(options.refresh);
    const { holds } = this;
    const { id: inspectorId, mode } = config.inspector;
    const isShadow = mode === 'shadow';
    this.challenges = new ChallengeDesk({
      cameras,
      isShadow,
      plan: config.parts,
      everyMs: config.alarms.challengeEveryMs,
      ledger,
      holds,
      alarms,
      counters,
      onUnwritten: (error) => reporter.settingUnwritten(error),
    });
    this.quality = new QualityWatch({
      cameras,
      hasParts: config.parts !== null,
      limits: config.alarms,
      origins: WATCHED[mode],
      alarms,
      goodScoresOf: (camera) => lineup.crewOf(recipes.byCamera.get(camera) ?? '')?.ready?.card.goodScores ?? null,
    });
    const partCameras = new Set(config.parts?.views.map(({ camera }) => camera));
    this.changeover = new Changeover({ recipes, lineup, partCameras, line, ledger, holds });
    const about = { inspectorId, bootId };
    const overrides = new OverrideDesk({
      ...about,
      isShadow,
      ledger,
      plant: options.plant,
      outbox: options.outbox,
      counters,
    });
    this.commands = new CommandDesk({
      ...about,
      registryDir: config.registry.dir,
      recipes,
      changeover: this.changeover,
      challenges: this.challenges,
      alarms,
      lots: retention,
      overrides,
      ledger,
      counters,
      reporter,
    });
    this.people = new PageRequests(this.commands, overrides);
  }

  /** Before the first frame: what people left behind still holds. */
  async start(): Promise<void> {
    const { ledger, retention, reporter } = this.options;
    const settings = await ledger.settings();
    this.changeover.restore(settings);
    retention.restore(settings);
    await this.challenges.restore(settings);
    const prune = (): void => {
      retention.look().catch((error: unknown) => reporter.pruningFailed(messageOf(error)));
    };
    this.timers.push(
      setInterval(() => this.look(), LOOK_MS),
      setInterval(prune, PRUNE_MS),
    );
    prune();
  }

  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.options.retention.stop();
  }

  /** What another inspector says of a camera that is ours too: a shadow follows it. */
  async heardCamera({ camera, recipe }: CameraClaim): Promise<void> {
    const isShadow = this.options.config.inspector.mode === 'shadow';
    if (isShadow && recipe !== null) await this.changeover.follow(camera, recipe);
  }

  /** A verdict, as the gate heard it. */
  see(verdict: Verdict): void {
    this.challenges.see(verdict);
    this.quality.see(verdict);
  }

  /** The verdict on a part of several views, as the gate heard it. */
  seePart(part: PartVerdict): void {
    this.quality.seePart(part);
  }

  hear(command: CommandMessage): Promise<Reply> {
    return this.commands.hear(command);
  }

  private look(): void {
    this.quality.look();
    this.challenges.look();
  }
}
