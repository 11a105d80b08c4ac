// Second half of `npm run build:server`: what the compiler wrote, and the libraries that it loads, as few files in dist/program. Opening
// a thousand small files took most of a start. What a module starts by `new URL('./x.js', import.meta.url)` becomes a file of its own.
import { chmodSync, existsSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { rolldown } from 'rolldown';
import { ROOT } from './setup.mjs';

const DIST = join(ROOT, 'dist');
const PROGRAM = join(DIST, 'program');
const MAIN = join(DIST, 'apps', 'cli', 'src', 'main.js');

/** Packages that stay where they are: native code, WebAssembly or pages lie beside them, or they must not exist twice. */
const WHOLE = /^(@tensorflow\/|better-sqlite3|onnxruntime-node|sharp|webgpu|h5wasm|echarts|swagger-ui-dist)/;

const PLACE = /new URL\('([^']+\.js)', import\.meta\.url\)|import\.meta\.url/g;

/** A module that asks where it lies is told its old place; what it starts is bundled too and told where that lies now. */
const places = {
  name: 'places',
  transform(code, id) {
    if (!id.startsWith(DIST + sep) || !code.includes('import.meta.url')) return null;
    const oldPlace = relative(PROGRAM, id).replaceAll(sep, '/');
    const placed = code.replace(PLACE, (found, path) => {
      const started = path === undefined ? null : resolve(dirname(id), path);
      if (started === null || !existsSync(started)) {
        return found.replace('import.meta.url', `new URL('${oldPlace}', import.meta.url).href`);
      }
      if (started === MAIN) return `new URL('./lineside.js', import.meta.url)`;
      const fileName = relative(DIST, started).replaceAll(sep, '.');
      this.emitFile({ type: 'chunk', id: started, fileName });
      return `new URL('./${fileName}', import.meta.url)`;
    });
    // No line moves.
    return { code: placed, map: null };
  },
};

const bundle = await rolldown({
  input: { lineside: MAIN },
  cwd: ROOT,
  platform: 'node',
  external: [WHOLE],
  plugins: [places],
  onLog: (_level, { code, id = '', message }) => {
    // Libraries name what they could work with; what we import ourselves must be there.
    const isOptional = code === 'UNRESOLVED_IMPORT' && !id.startsWith(DIST + sep);
    if (!isOptional) throw new Error(message);
  },
});
// Not minified: the databases know migrations by the names of their classes.
await bundle.write({ dir: PROGRAM, cleanDir: true, format: 'esm', minify: false, sourcemap: true });
// `npx lineside` starts a program, and goes on starting the one that it knew first.
for (const file of [join(PROGRAM, 'lineside.js'), MAIN]) chmodSync(file, 0o755);
