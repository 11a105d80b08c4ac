import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../factories/tools.js';
import { makeEnvironment } from './environment.js';

/** A Python whose venv is a script that does as told. */
function writePython(dir: string, venvPython: string): string {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'python3');
  writeFileSync(
    file,
    `#!/bin/sh\nmkdir -p "$3/bin"\nprintf '%s' '${venvPython}' > "$3/bin/python"\nchmod +x "$3/bin/python"\n`,
  );
  chmodSync(file, 0o755);
  return file;
}

describe('the environment of a reference library', () => {
  it('says what to install where Python makes no virtual environment', () => {
    assert.throws(() => makeEnvironment('keras', 'false', tempDir()), {
      message: /false -m venv .* Install python3-venv/,
    });
  });

  it("ends with pip's last words where the packages are out of reach, and is made anew the next time", () => {
    const dir = tempDir();
    const failing = writePython(join(dir, 'a'), '#!/bin/sh\necho "ERROR: no index" >&2\nexit 1\n');
    assert.throws(() => makeEnvironment('keras', failing, join(dir, 'under')), {
      message: /ERROR: no index.*package index/,
    });
    const working = writePython(join(dir, 'b'), '#!/bin/sh\nexit 0\n');
    const python = makeEnvironment('keras', working, join(dir, 'under'));
    assert.match(python, /under\/keras-[0-9a-f]{12}\/bin\/python$/);
    assert.equal(readdirSync(join(dir, 'under')).length, 1);
  });

  it('is taken as it is once it is whole', () => {
    const dir = tempDir();
    const python = makeEnvironment('keras', writePython(dir, '#!/bin/sh\nexit 0\n'), dir);
    assert.equal(makeEnvironment('keras', 'no-such-python', dir), python);
  });
});
