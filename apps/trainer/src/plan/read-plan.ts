import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { firstLineOf, InputError, messageOf, tellProblems } from '#contracts';
import { isOtherWish } from './operating-point.js';
import { Plan, Preset } from './plan.js';
import { PRESETS } from './presets.js';

/**
 * Read a plan: preset, then file, then `--set key=value` with dotted keys, later ones winning.
 * @throws InputError PLAN_UNREADABLE | PLAN_INVALID naming every problem at once
 */
export async function readPlan(
  file: string | undefined,
  settings: Readonly<Record<string, string>> = {},
): Promise<Plan> {
  const own = merge(file === undefined ? {} : await readYaml(file), unflatten(settings));
  return parsePlan(own, file ?? 'given by --set');
}

/**
 * The plan of a model with its wish said anew: what else is said of the operating point stays, and a wish of another kind
 * takes the place of the model's.
 * @param settings dotted keys, all under `operatingPoint`: nothing else can change without training
 * @throws InputError PLAN_INVALID
 */
export function changeWish(plan: Fields, settings: Readonly<Record<string, string>>): Plan {
  const { operatingPoint: said, ...others } = unflatten(settings);
  const [other] = Object.keys(others);
  if (other !== undefined || !isFields(said)) {
    throw new InputError(
      'PLAN_INVALID',
      `Expected settings of the operating point alone, as in operatingPoint.missAtMost=0.02, got ${other ?? 'none'}: the rest of a plan means training again (lineside train).`,
    );
  }
  const { operatingPoint } = parsePlan(plan, "in the model's card");
  const { defectRate, reviewPerThousand } = operatingPoint;
  const kept = isOtherWish(operatingPoint, said) ? { defectRate, reviewPerThousand } : operatingPoint;
  return parsePlan({ ...plan, operatingPoint: { ...kept, ...said } }, 'given by --set');
}

function parsePlan(own: Fields, named: string): Plan {
  const preset = Preset.catch('standard').parse(own['preset']);
  const parsed = Plan.safeParse(merge(PRESETS[preset] as Fields, own));
  if (parsed.success) return parsed.data;
  throw invalid(named, tellProblems(parsed.error));
}

function invalid(named: string, problems: readonly string[]): InputError {
  const list = problems.map((problem) => `  ${problem}`).join('\n');
  return new InputError('PLAN_INVALID', `The plan ${named} is not valid:\n${list}\nSee docs/plan.md.`);
}

type Fields = Record<string, unknown>;

function merge(under: Fields, over: Fields): Fields {
  const merged = new Map(Object.entries(under));
  for (const [key, value] of Object.entries(over)) {
    const below = merged.get(key);
    merged.set(key, isFields(below) && isFields(value) ? merge(below, value) : value);
  }
  // Not by assignment: `__proto__` would vanish unsaid.
  return Object.fromEntries(merged);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @throws InputError PLAN_INVALID naming every setting whose value is no YAML */
function unflatten(settings: Readonly<Record<string, string>>): Fields {
  let fields: Fields = {};
  const problems: string[] = [];
  for (const [path, text] of Object.entries(settings)) {
    const { value, error } = parseValue(text);
    if (error !== null) problems.push(`\`${path}\`: ${error}`);
    const field = path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value);
    fields = merge(fields, field as Fields);
  }
  if (problems.length > 0) throw invalid('given by --set', problems);
  return fields;
}

function parseValue(text: string): { value: unknown; error: string | null } {
  try {
    const value: unknown = parse(text, { prettyErrors: false });
    return { value, error: isGlued(value) ? `expected a blank behind each colon, as in {x: 1}, got ${text}` : null };
  } catch (cause) {
    return { value: null, error: `expected a value as YAML writes it, got ${text} (${messageOf(cause)})` };
  }
}

/** `{x:1}`, which YAML reads as the key `x:1` without a value. */
function isGlued(value: unknown): boolean {
  return isFields(value) && Object.entries(value).some(([key, own]) => own === null && key.includes(':'));
}

async function readYaml(file: string): Promise<Fields> {
  let value: unknown;
  try {
    value = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new InputError(
      'PLAN_UNREADABLE',
      `Plan ${file} cannot be read: ${firstLineOf(cause)}. Expected a YAML file.`,
      {
        cause,
      },
    );
  }
  if (isFields(value)) return value;
  throw new InputError('PLAN_UNREADABLE', `Plan ${file} is not a YAML mapping. See docs/plan.md.`);
}
