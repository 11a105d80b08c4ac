import { z } from 'zod';
import { CameraName, PRECISIONS, Region, RUNTIMES, StationPath, TopicSegment } from '#contracts';

const Port = z.number().int().min(0).max(65_535).describe('TCP port; 0 lets the system choose');
const Host = z.string().default('127.0.0.1').describe('address to listen on; the default is this machine only');

/** Where a server's page and API are. */
function httpOn(port: number) {
  return z
    .strictObject({
      host: Host,
      names: z
        .array(z.string().regex(/^[\w.-]+$/, 'expected a host name without scheme and port'))
        .default([])
        .describe('host names it also answers to; its IP addresses and the own name of this machine always lead here'),
      port: Port.default(port),
    })
    .prefault({});
}

const Camera = z.strictObject({
  name: CameraName,
  recipe: TopicSegment.describe('recipe this camera inspects by default'),
  clockSync: z.boolean().default(false).describe('its clock is synchronised: the window starts at capture'),
  clockToleranceMs: z
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(250)
    .describe('a synchronised clock further off than this is not believed'),
  frozenAfter: z
    .number()
    .int()
    .min(2)
    .max(1_000)
    .nullable()
    .default(5)
    .describe('so many equal pictures in a row are a frozen camera; null = not looked at'),
});

const Recipe = z.strictObject({
  name: TopicSegment,
  deadlineMs: z.number().int().min(10).max(60_000).default(500).describe('window of the gate from arrival, ms'),
  roi: z.record(CameraName, Region).default({}).describe('region per camera, overriding the card'),
  products: z
    .array(TopicSegment)
    .default([])
    .describe('products it inspects, where they have a recipe per view; none named = one of its own name'),
});

const Parts = z.strictObject({
  views: z
    .array(z.strictObject({ view: TopicSegment, camera: CameraName }))
    .min(2)
    .describe('every part is taken from each of these'),
  windowMs: z
    .number()
    .int()
    .min(10)
    .max(60_000)
    .default(1_000)
    .describe('from the first view of a part to its verdict at the latest, ms'),
});

const Broker = z.strictObject({
  url: z
    .string()
    .regex(/^(embedded|mqtts?:\/\/.+)$/, 'expected embedded, mqtt://host:port or mqtts://host:port')
    .default('embedded')
    .describe('`embedded` starts a broker inside the inspector; else mqtt://host:port or mqtts://'),
  embeddedHost: Host,
  embeddedPort: Port.default(1883),
  protocol: z.enum(['5', '3.1.1']).default('5').describe('the embedded broker always speaks 3.1.1'),
  username: z.string().nullable().default(null),
  ca: z.string().nullable().default(null).describe('path of a PEM file'),
  cert: z.string().nullable().default(null).describe('path of a PEM file: client certificate'),
  key: z.string().nullable().default(null).describe('path of a PEM file: client key'),
  ingestConnections: z.number().int().min(1).max(16).default(2),
  share: z
    .enum(['cameras', 'frames'])
    .default('cameras')
    .describe(
      'cameras: each has one of the connections; frames: a shared subscription deals frames out to all of them',
    ),
  receiveMaximum: z.number().int().min(1).max(65_535).default(20),
  transportAllowanceMs: z
    .number()
    .int()
    .min(0)
    .max(5_000)
    .default(50)
    .describe('taken off the window without clockSync'),
});

const Share = z.number().min(0).max(1);
const Over = z.number().int().min(10).max(100_000).describe('over so many of the last parts');

/** An alarm on a share that begins at one limit and ends at another. */
const Band = { over: Over, raise: Share, clear: Share };

const Alarms = z.strictObject({
  failsInARow: z.number().int().min(2).max(1_000).nullable().default(5).describe('FAILS_IN_A_ROW; null = off'),
  rejectRate: z
    .strictObject(Band)
    .refine(({ raise, clear }) => clear < raise, { error: 'clear must be below raise' })
    .nullable()
    .default({ over: 200, raise: 0.2, clear: 0.1 })
    .describe('REJECT_RATE above `raise`, until it is at most `clear`; null = off'),
  fewRejects: z
    .strictObject(Band)
    .refine(({ raise, clear }) => clear >= raise, { error: 'clear must not be below raise' })
    .nullable()
    .default({ over: 5_000, raise: 0, clear: 0.0004 })
    .describe('FEW_REJECTS at or below `raise`, until it is above `clear`; null = off'),
  silenceMs: z
    .number()
    .int()
    .min(1_000)
    .nullable()
    .default(300_000)
    .describe('SILENCE: no frame of a camera for this long; null = off'),
  drift: z
    .strictObject({ ...Band, over: Over.max(5_000) })
    .refine(({ raise, clear }) => clear < raise, { error: 'clear must be below raise' })
    .nullable()
    .default({ over: 500, raise: 0.3, clear: 0.2 })
    .describe('DRIFT: distance of the last scores from those of good pictures in validation; null = off'),
  challengeEveryMs: z
    .number()
    .int()
    .min(1_000)
    .nullable()
    .default(null)
    .describe('CHALLENGE_DUE: no challenge part was caught for this long; null = nobody reminds'),
  owner: z.string().min(1).nullable().default(null).describe('who answers for alarms'),
  owners: z.record(z.string(), z.string().min(1)).default({}).describe('who answers for one code in particular'),
});

export const InspectorConfig = z.strictObject({
  inspector: z.strictObject({
    id: TopicSegment.default('inspector1'),
    station: StationPath.default('demo/site/area/line1/st1'),
    mode: z
      .enum(['production', 'simulation', 'shadow'])
      .default('production')
      .describe('production never publishes PASS for simulated frames; shadow looks on and says nothing to the line'),
    dataDir: z.string().default('var/inspector').describe('ledger, plant database and pictures'),
  }),
  registry: z.strictObject({
    dir: z.string().default('var/registry'),
    pollMs: z.number().int().min(100).max(60_000).default(1_000).describe('how often a promotion is looked for'),
    challenger: z
      .string()
      .min(1)
      .nullable()
      .default(null)
      .describe('shadow: the model that looks on; it need not be promoted'),
  }),
  cameras: z.array(Camera).min(1),
  recipes: z.array(Recipe).min(1),
  parts: Parts.nullable().default(null).describe('parts of several views; null = the gate acts on each frame'),
  broker: Broker.prefault({}),
  inference: z
    .strictObject({
      runtime: z
        .enum(['auto', ...RUNTIMES])
        .default('auto')
        .describe('auto = the fastest here that repeats the golden scores; a named one that fails is NOT_READY'),
      precision: z
        .enum(['auto', ...PRECISIONS])
        .default('auto')
        .describe('auto = the fastest the model was accepted in'),
      workers: z
        .number()
        .int()
        .min(1)
        .max(64)
        .nullable()
        .default(null)
        .describe('worker processes; null = one per core, on GPUs one per GPU'),
      batch: z
        .number()
        .int()
        .min(1)
        .max(64)
        .default(8)
        .describe('frames per batch at most; what waits is handed out at once, a batch is never waited for'),
      timeoutMs: z
        .number()
        .int()
        .min(100)
        .max(60_000)
        .default(3_000)
        .describe('a worker silent for this long is ended'),
      maxPixels: z.number().int().min(1).default(50_000_000).describe('pictures above this are refused before decode'),
    })
    .prefault({}),
  queue: z
    .strictObject({
      maxFrames: z.number().int().min(1).default(256),
      maxBytes: z.number().int().min(1).default(268_435_456),
      maxFrameBytes: z.number().int().min(1_024).default(33_554_432),
    })
    .prefault({}),
  ledger: z
    .strictObject({
      diskFreeBytes: z
        .number()
        .int()
        .min(0)
        .default(268_435_456)
        .describe('watermark of the disk of dataDir: below it the line is NOT_READY(DISK)'),
      keepPassPictures: z
        .number()
        .min(0)
        .max(1)
        .default(0.01)
        .describe('share of PASS pictures kept; every reject is kept, with all views of its part'),
      passPictureDays: z.number().min(0).nullable().default(30).describe('then they go; null = never for their age'),
      rejectPictureDays: z.number().min(0).nullable().default(null).describe('then they go; null = never'),
      pruneBelowBytes: z
        .number()
        .int()
        .min(0)
        .default(1_073_741_824)
        .describe('free bytes on the disk of dataDir/pictures below which pictures of passes go before their age'),
    })
    .prefault({}),
  alarms: Alarms.prefault({}),
  plant: z
    .strictObject({
      type: z.enum(['better-sqlite3', 'postgres']).default('better-sqlite3'),
      url: z
        .string()
        .nullable()
        .default(null)
        .describe('postgres://… without password; password from LINESIDE_PLANT_PASSWORD'),
    })
    .prefault({}),
  http: httpOn(3000),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});
export type InspectorConfig = z.infer<typeof InspectorConfig>;

export const TrainerConfig = z.strictObject({
  trainer: z
    .strictObject({
      runsDir: z.string().default('var/runs').describe('one folder per training run'),
      maxQueued: z.number().int().min(1).max(100).default(10),
      killAfterMs: z
        .number()
        .int()
        .min(0)
        .max(60_000)
        .default(5_000)
        .describe('how long a cancelled run may take to end by itself'),
      cacheDir: z.string().default('var/cache').describe('features of pictures seen before; may be removed any time'),
      weightsDir: z
        .string()
        .default('var/weights')
        .describe('weights that `lineside weights import` brought; the product adds its own'),
    })
    .prefault({}),
  registry: z.strictObject({ dir: z.string().default('var/registry') }).prefault({}),
  http: httpOn(3001),
  log: z.strictObject({ level: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info') }).prefault({}),
});
export type TrainerConfig = z.infer<typeof TrainerConfig>;

/** Values that come from the environment alone and are never printed. */
export interface Secrets {
  readonly brokerPassword: string | null;
  readonly plantPassword: string | null;
}
