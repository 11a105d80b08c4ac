import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { z } from 'zod';
import { InputError, messageOf } from '#contracts';
import { InspectorConfig, type Secrets, TrainerConfig } from './schema.js';

/** Defaults shipped with the product: one simulated station on this machine. */
const DEFAULTS = new URL('../../config/default.yaml', import.meta.url);

/**
 * Read the inspector's configuration: shipped defaults, then the file, whole sections replacing the default's.
 * @throws InputError CONFIG_INVALID naming every problem at once, CONFIG_UNREADABLE when the file cannot be read
 */
export function loadInspectorConfig(file?: string): InspectorConfig {
  return load({ schema: InspectorConfig, section: 'inspector', file });
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

function load<T>(options: { schema: z.ZodType<T>; section: 'inspector' | 'trainer'; file?: string | undefined }): T {
  const defaults = readYaml(fileURLToPath(DEFAULTS))[options.section];
  const own = options.file === undefined ? {} : readYaml(options.file);
  const parsed = options.schema.safeParse({ ...(defaults as object), ...own });
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(top level)'}: ${issue.message}`);
  throw new InputError(
    'CONFIG_INVALID',
    `Configuration ${options.file ?? 'default.yaml'} is not valid:\n${problems.join('\n')}\nSee config/${options.section}.example.yaml for every setting.`,
  );
}

function readYaml(file: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new InputError(
      'CONFIG_UNREADABLE',
      `Configuration ${file} cannot be read: ${messageOf(cause)}. Expected a YAML file.`,
      {
        cause,
      },
    );
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InputError('CONFIG_UNREADABLE', `Configuration ${file} is not a YAML mapping of settings.`);
}
