import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { loadInspectorConfig, loadTrainerConfig } from '#config';
import { lineside } from './lineside.js';

function optionsOf(command: CommandUnknownOpts): { long: string; description: string }[] {
  const own = command.options.map(({ long, description }) => ({ long: long ?? '', description }));
  return [...own, ...command.commands.flatMap(optionsOf)];
}

describe('what --help says an option is without being said', () => {
  const { inspector, registry, cameras, recipes } = loadInspectorConfig();
  const { cacheDir, weightsDir } = loadTrainerConfig().trainer;
  const shipped: Readonly<Record<string, string | undefined>> = {
    '--station': inspector.station,
    '--registry': registry.dir,
    '--camera': cameras[0]?.name,
    '--recipe': recipes[0]?.name,
    '--cache': cacheDir,
    '--weights-dir': weightsDir,
  };

  for (const [name, value] of Object.entries(shipped)) {
    it(`is what is shipped: ${name}`, () => {
      const told = optionsOf(lineside).filter(({ long, description }) => long === name && /default /.test(description));
      assert.ok(told.length > 0);
      const other = told.filter(({ description }) => !description.endsWith(`default ${value}`));
      assert.deepEqual(
        other.filter(({ description }) => !description.endsWith('default the camera’s own')),
        [],
      );
    });
  }
});
