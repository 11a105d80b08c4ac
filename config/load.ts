import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { z } from 'zod';
import { firstLineOf, InputError, type Misfit, tellProblems } from '#contracts';
import { type Contradiction, findContradictions, type Sections } from './contradictions.js';
import { readSection } from './read-section.js';
import { InspectorConfig, type Secrets, TrainerConfig } from './schema.js';

/** Defaults shipped with the product: one simulated station on this machine. */
const DEFAULTS = new URL('../../config/default.yaml', import.meta.url);

/**
 * Read the inspector's configuration: shipped defaults, then the file, whole sections replacing the default's.
 * @throws InputError CONFIG_INVALID naming every problem at once, CONFIG_UNREADABLE when the file cannot be read
 */
export function loadInspectorConfig(file?: string): InspectorConfig {
  return load({ schema: InspectorConfig, section: 'inspector', file, findMore: findInReadSections });
}

/** Read the trainer's configuration; same rules as {@link loadInspectorConfig}. */
export function loadTrainerConfig(file?: string): TrainerConfig {
  return load({ schema: TrainerConfig, section: 'trainer', file });
}

/** Secrets from `LINESIDE_BROKER_PASSWORD` and `LINESIDE_PLANT_PASSWORD`. */
export function loadSecrets(env: Readonly<Record<string, string | undefined>> = process.env): Secrets {
  return {
    brokerPassword: env['LINESIDE_BROKER_PASSWORD'] ?? null,
    plantPassword: env['LINESIDE_PLANT_PASSWORD'] ?? null,
  };
}

interface LoadOptions<T> {
  readonly schema: z.ZodType<T>;
  readonly section: 'inspector' | 'trainer';
  readonly file?: string | undefined;
  /** What is wrong across sections. */
  readonly findMore?: (value: Record<string, unknown>) => readonly Misfit[];
}

function load<T>(options: LoadOptions<T>): T {
  const defaults = readYaml(fileURLToPath(DEFAULTS))[options.section];
  const own = options.file === undefined ? {} : readYaml(options.file);
  const value: Record<string, unknown> = { ...(defaults as object), ...own };
  const parsed = options.schema.safeParse(value);
  const problems: readonly Misfit[] = [...(parsed.error?.issues ?? []), ...(options.findMore?.(value) ?? [])];
  if (parsed.success && problems.length === 0) return parsed.data;
  const lines = tellProblems({ issues: problems }).map((problem) => `  ${problem}`);
  throw new InputError(
    'CONFIG_INVALID',
    `Configuration ${options.file ?? 'default.yaml'} is not valid:\n${lines.join('\n')}\nSee config/${options.section}.example.yaml for every setting.`,
  );
}

/** A wrong value must hide neither that two sections contradict each other nor what else its own says. */
function findInReadSections(value: Record<string, unknown>): Contradiction[] {
  const sections = Object.entries(InspectorConfig.shape).flatMap(([name, schema]) => {
    const read = readSection(name, schema, value[name]);
    return read === undefined ? [] : [[name, read] as const];
  });
  return findContradictions(Object.fromEntries(sections) as Sections);
}

function readYaml(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(
      'CONFIG_UNREADABLE',
      `Configuration ${file} cannot be read: ${firstLineOf(cause)}. Expected a YAML file.`,
      {
        cause,
      },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InputError('CONFIG_UNREADABLE', `Configuration ${file} is not a YAML mapping of settings.`);
}
