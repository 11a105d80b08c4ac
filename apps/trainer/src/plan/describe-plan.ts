import { Document, isMap, isScalar, type YAMLMap } from 'yaml';
import { z } from 'zod';
import { Plan } from './plan.js';

/** The parts of a JSON schema that say something of a setting. */
export interface SettingSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly anyOf?: readonly SettingSchema[];
  readonly items?: SettingSchema;
  readonly properties?: Readonly<Record<string, SettingSchema>>;
}

/** JSON schema of a plan file, for editors and other programs. */
export function planSchema(): SettingSchema {
  return z.toJSONSchema(Plan, { io: 'input', unrepresentable: 'any' }) as SettingSchema;
}

/** A whole plan as YAML; above each setting stand its meaning, its range and its default. */
export function describePlan(plan: Plan): string {
  const document = new Document(plan);
  document.commentBefore = ' A plan: how to train. What is left out keeps its default. Sources are in docs/plan.md.';
  if (isMap(document.contents)) comment(document.contents, planSchema());
  return document.toString({ lineWidth: 120 });
}

function comment(map: YAMLMap, schema: SettingSchema): void {
  for (const { key, value } of map.items) {
    const setting = isScalar(key) ? fieldsOf(schema)[String(key.value)] : undefined;
    if (!isScalar(key) || setting === undefined) continue;
    if (isMap(value) && value.items.length > 0) {
      key.spaceBefore = true;
      if (setting.description !== undefined) key.commentBefore = ` ${setting.description}`;
      comment(value, setting);
    } else {
      key.commentBefore = ` ${[setting.description, describeValues(setting)].filter(Boolean).join('; ')}`;
    }
  }
}

function fieldsOf({ properties, anyOf = [] }: SettingSchema): Readonly<Record<string, SettingSchema>> {
  return properties ?? anyOf.find((one) => one.properties !== undefined)?.properties ?? {};
}

function describeValues(setting: SettingSchema): string {
  const fallback = setting.default === undefined ? '' : `default ${JSON.stringify(setting.default)}`;
  return [valuesOf(setting), fallback].filter((words) => words !== '').join('; ');
}

/** What a setting may be, in words. */
function valuesOf(setting: SettingSchema): string {
  const { anyOf, enum: choices, items, type } = setting;
  if (anyOf !== undefined) return anyOf.map(valuesOf).join(' or ');
  if (choices !== undefined) return choices.map(String).join(' | ');
  if (setting.const !== undefined) return String(setting.const);
  if (type === 'array') return `list of ${items === undefined ? 'anything' : valuesOf(items)}`;
  if (type === 'number' || type === 'integer') return [type, rangeOf(setting)].filter(Boolean).join(' ');
  return type ?? '';
}

function rangeOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SettingSchema): string {
  const largest = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  const smallest = minimum === Number.MIN_SAFE_INTEGER ? undefined : minimum;
  const from =
    smallest === undefined ? (exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`) : `from ${smallest}`;
  const to =
    largest === undefined ? (exclusiveMaximum === undefined ? '' : `below ${exclusiveMaximum}`) : `to ${largest}`;
  return [from, to].filter((words) => words !== '').join(' ');
}
