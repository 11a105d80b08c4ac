// `npm run setup:cuda [-- --wheel FILE] [-- --cache DIR]`: the CUDA and TensorRT providers of the installed
// onnxruntime-node. Its package carries the CPU and WebGPU alone; the Python wheel of the same version has the others,
// built for CUDA 13. They go beside ONNX Runtime's own library, where `npm ci` wipes them out: run it again then.
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { Refusal, runSetUp } from './native/refusal.mjs';
import { defaultCacheDir, findPython, obtainWheel, unpackWheel } from './native/wheels.mjs';
import { ROOT } from './setup.mjs';

/** By version of onnxruntime-node: the wheel, and its providers with their sizes in bytes, the one that all need last. */
const WHEELS = {
  '1.30.0': {
    package: 'onnxruntime-gpu',
    version: '1.30.0',
    file: 'onnxruntime_gpu-1.30.0-cp312-cp312-manylinux_2_28_x86_64.whl',
    sha256: '6acc0f4b3d5ac5f2984432faa59dd8fcce6775f8b43a7140afa0f322c7a703b1',
    bytes: 246_685_715,
    platform: 'manylinux_2_28_x86_64',
    providers: {
      'libonnxruntime_providers_tensorrt.so': 990_656,
      'libonnxruntime_providers_cuda.so': 272_049_904,
      'libonnxruntime_providers_shared.so': 14_632,
    },
  },
};
const NEEDED = 'They load where the NVIDIA driver, CUDA 13 and cuDNN 9 (TensorRT 10 for onnx-tensorrt) are installed.';

await runSetUp('setup:cuda', async () => {
  const { wheel: given, cache } = readOptions();
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Refusal(
      'PLATFORM_UNKNOWN',
      `The CUDA providers are set up on Linux x64; this is ${process.platform} ${process.arch}. Use onnx-webgpu or onnx-cpu.`,
    );
  }
  const { version, dir } = findRuntime();
  const wheel = WHEELS[version];
  if (wheel === undefined) {
    const known = Object.keys(WHEELS).join(', ');
    throw new Refusal(
      'VERSION_UNKNOWN',
      `onnxruntime-node ${version} is installed; providers are known for ${known}. Install that version: npm ci.`,
    );
  }
  if (isComplete(dir, wheel.providers)) return console.log(`CUDA and TensorRT are there already. ${NEEDED}`);
  findPython();
  const file = await obtainWheel(wheel, { given, cacheDir: cache });
  place(file, { dir, providers: wheel.providers });
  console.log(`CUDA and TensorRT providers of ONNX Runtime ${version} lie in ${dir}. ${NEEDED}`);
});

function readOptions() {
  const options = { wheel: { type: 'string' }, cache: { type: 'string', default: defaultCacheDir() } };
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new Refusal('USAGE', `${error.message}. Expected [--wheel FILE] [--cache DIR].`);
  }
}

/** The installed onnxruntime-node, and the folder of its library, where it looks for providers. */
function findRuntime() {
  const manifest = tryResolve('onnxruntime-node/package.json');
  if (manifest === null) throw new Refusal('RUNTIME_MISSING', 'onnxruntime-node is not installed. Run npm ci first.');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8'));
  return { version, dir: join(dirname(manifest), 'bin', 'napi-v6', process.platform, process.arch) };
}

function tryResolve(specifier) {
  try {
    return createRequire(join(ROOT, 'package.json')).resolve(specifier);
  } catch {
    return null;
  }
}

function isComplete(dir, providers) {
  return Object.entries(providers).every(
    ([name, bytes]) => statSync(join(dir, name), { throwIfNoEntry: false })?.size === bytes,
  );
}

/** Unpacked beside their place and moved there whole. */
function place(wheel, { dir, providers }) {
  const unfinished = join(dir, `.unfinished-${process.pid}`);
  try {
    mkdirSync(unfinished, { recursive: true });
    unpackWheel(wheel, { into: unfinished, matching: /^onnxruntime\/capi\/libonnxruntime_providers_\w+\.so$/ });
    const names = Object.keys(providers);
    const from = (name) => join(unfinished, 'onnxruntime', 'capi', name);
    const missing = names.filter((name) => !existsSync(from(name)));
    if (missing.length > 0) throw new Refusal('WHEEL_WRONG', `${wheel} holds no ${missing.join(', ')}.`);
    for (const name of names) renameSync(from(name), join(dir, name));
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}
