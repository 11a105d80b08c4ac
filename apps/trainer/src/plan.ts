import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { InputError, messageOf } from '#contracts';
import { BACKENDS } from '#model/backend/choose';
import { Preprocess } from '#model/card';

const rate = (low: number, high: number) => z.number().min(low).max(high);

/** The two phases of transfer learning; the same `fit` runs both. */
const HeadPhase = z.strictObject({
  epochs: z.number().int().min(1).max(500).default(30).describe('passes over the cached embeddings'),
  rate: rate(1e-6, 1e-1).default(1e-3).describe('Adam step size of the head'),
});

const FineTunePhase = z.strictObject({
  epochs: z.number().int().min(0).max(200).default(6).describe('passes over the cached cut; 0 trains the head alone'),
  freeze: z
    .union([z.number().int().min(0), z.string()])
    .nullable()
    .default(null)
    .describe(
      'what stays frozen: the first so many layers of the list Keras has of the network, or all before the block named; null = what suits the network',
    ),
  rate: rate(1e-7, 1e-2).default(3e-4).describe('peak step size of the open blocks'),
  headRate: rate(1e-7, 1e-1).default(1e-3).describe('peak step size of the head'),
  warmUp: z.number().min(0).max(0.9).default(0.3).describe('share of the steps in which rates climb to their peak'),
  decay: z.enum(['cosine', 'none']).default('cosine').describe('after the warm-up'),
});

const Resize = Preprocess.shape.resize.shape;

/** How to train: every choice of a run. The card keeps it, so that the run can be repeated. */
export const Plan = z.strictObject({
  preset: z.enum(['standard', 'classic', 'fast']).default('standard'),
  weights: z
    .string()
    .default('efficientnet-lite0-imagenet')
    .describe('pretrained weights, see `lineside weights list`'),
  frame: Preprocess.shape.frame.default(null).describe('size every upright frame must have, pixels; null = any'),
  roi: Preprocess.shape.roi.default(null).describe('region of interest, pixels of the upright frame; null = all'),
  tiles: Preprocess.shape.tiles.default({ columns: 1, rows: 1 }),
  resize: z
    .strictObject({
      width: Resize.width.nullable().default(null).describe('pixels; null = what the network was trained at'),
      height: Resize.height.nullable().default(null).describe('pixels; null = what the network was trained at'),
      policy: Resize.policy.default('squash'),
      kernel: Resize.kernel.default('linear'),
    })
    .prefault({}),
  head: z
    .strictObject({
      units: z.array(z.number().int().min(1).max(8192)).max(3).default([]).describe('hidden ReLU layers'),
      dropout: z.number().min(0).max(0.95).default(0.3),
    })
    .prefault({}),
  variants: z
    .array(z.enum(['plain', 'mirror', 'flip', 'turn']))
    .min(1)
    .default(['plain', 'mirror'])
    .describe('fixed views of each training picture: as is, left-right, upside down, turned by 180 degrees'),
  features: HeadPhase.prefault({}).describe('phase 1: the base frozen'),
  fineTune: FineTunePhase.prefault({}).describe('phase 2: the top blocks open'),
  batch: z.number().int().min(2).max(512).default(32),
  weightDecay: z.number().min(0).max(1).default(1e-4).describe('decoupled, as in AdamW'),
  labelSmoothing: z.number().min(0).max(0.5).default(0.05),
  classWeights: z.enum(['balanced', 'none']).default('balanced'),
  operatingPoint: z
    .strictObject({
      escapeCost: z.number().positive().default(10).describe('cost of a defect passed, in units of one overkill'),
      overkillCost: z.number().positive().default(1),
      greyShare: z
        .number()
        .min(0)
        .max(0.5)
        .default(0.02)
        .describe('largest share of validation pictures in the grey zone'),
    })
    .prefault({}),
  validationShare: z
    .number()
    .min(0.05)
    .max(0.5)
    .default(0.2)
    .describe('of train, by group, where the split names none'),
  testShare: z.number().min(0.05).max(0.5).default(0.2).describe('of all, by group, where there is no split'),
  precision: z
    .strictObject({
      make: z
        .array(z.enum(['fp16', 'int8']))
        .max(2)
        .default(['fp16', 'int8'])
        .describe('written beside fp32'),
      allowance: z
        .strictObject({
          missed: z.number().int().min(0).default(0).describe('defects more than fp32 misses on validation'),
          overkill: z
            .number()
            .min(0)
            .max(1)
            .default(0)
            .describe('share of the good pictures rejected more than by fp32'),
        })
        .prefault({}),
    })
    .prefault({}),
  seed: z.number().int().min(0).max(2_147_483_647).default(1),
  backend: z.enum(['auto', ...BACKENDS]).default('auto'),
  workers: z.number().int().min(1).max(64).nullable().default(null).describe('null = what the backend wants'),
});
export type Plan = z.infer<typeof Plan>;

type PlanInput = z.input<typeof Plan>;

/** Presets are plans too: what they say stands under what the file and `--set` say. */
const PRESETS: Record<Plan['preset'], PlanInput> = {
  standard: {},
  // The transfer-learning tutorial's own settings: Dense 1024, dropout, Adam 1e-3 on the frozen base, then 1e-5.
  classic: {
    head: { units: [1024], dropout: 0.5 },
    fineTune: { rate: 1e-5, headRate: 1e-5, warmUp: 0, decay: 'none', epochs: 10 },
    weightDecay: 0,
    labelSmoothing: 0,
  },
  fast: { fineTune: { epochs: 0 } },
};

/**
 * Read a plan: preset, then file, then `--set key=value` with dotted keys, later ones winning.
 * @throws InputError PLAN_UNREADABLE | PLAN_INVALID naming every problem at once
 */
export async function readPlan(
  file: string | undefined,
  settings: Readonly<Record<string, string>> = {},
): Promise<Plan> {
  const own = merge(file === undefined ? {} : await readYaml(file), unflatten(settings));
  const preset = z.enum(['standard', 'classic', 'fast']).catch('standard').parse(own['preset']);
  const parsed = Plan.safeParse(merge(PRESETS[preset] as Fields, own));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(plan)'}: ${issue.message}`);
  throw new InputError(
    'PLAN_INVALID',
    `The plan ${file ?? 'given by --set'} is not valid:\n${problems.join('\n')}\nSee docs/plan.md.`,
  );
}

type Fields = Record<string, unknown>;

function merge(under: Fields, over: Fields): Fields {
  const merged: Fields = { ...under };
  for (const [key, value] of Object.entries(over)) {
    const below = merged[key];
    merged[key] = isFields(below) && isFields(value) ? merge(below, value) : value;
  }
  return merged;
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unflatten(settings: Readonly<Record<string, string>>): Fields {
  let fields: Fields = {};
  for (const [path, text] of Object.entries(settings)) {
    const value = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), parse(text));
    fields = merge(fields, value as Fields);
  }
  return fields;
}

async function readYaml(file: string): Promise<Fields> {
  let value: unknown;
  try {
    value = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new InputError('PLAN_UNREADABLE', `Plan ${file} cannot be read: ${messageOf(cause)}. Expected a YAML file.`, {
      cause,
    });
  }
  if (isFields(value)) return value;
  throw new InputError('PLAN_UNREADABLE', `Plan ${file} is not a YAML mapping. See docs/plan.md.`);
}
