import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { describe, it } from 'node:test';
import { BACKBONES } from '#model/backbones/find';
import { LAYOUTS, layoutsOf } from '#model/weights/layouts';

describe('the layouts of weight files', () => {
  it('are accepted only where the library’s own output is stored here', () => {
    for (const { layout, variant, family, golden } of LAYOUTS) {
      const file = new URL(`../../../test/golden/${golden}.golden.safetensors`, import.meta.url);
      assert.ok(existsSync(file), `${layout} (${variant}) of ${family}: ${golden}`);
      assert.ok(golden.startsWith(family) || golden.startsWith(`${variant}-${family}`), `${golden} is of ${family}`);
    }
  });

  it('serve every construction of every network', () => {
    for (const { name, variants } of BACKBONES) {
      for (const variant of variants) assert.ok(layoutsOf(name, variant).length > 0, `${name} (${variant})`);
    }
  });
});
