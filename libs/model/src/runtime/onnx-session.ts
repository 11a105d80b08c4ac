import { DependencyError, InputError, InvariantError, messageOf } from '#contracts/errors';
import { joinOutputs, type Outputs, partsOf } from './batch-parts.js';
import { pictureTensor } from './graph-part.js';
import { env, InferenceSession } from './onnxruntime.js';
import type { Provider } from './provider-files.js';
import { missingForProvider, type ProviderOptions, sessionOptionsOf } from './providers.js';
import { assertBatch, type ModelSession, type OutputTensor, type PictureBatch } from './session.js';

/** Version of ONNX Runtime, as a card records it. */
export const runtimeVersion: string = env.versions.node ?? env.versions.common;

export interface OnnxOptions extends Partial<ProviderOptions> {
  /** Names of the outputs to compute; default all. */
  readonly outputs?: readonly string[];
}

/**
 * One exported graph in ONNX Runtime, by default on one thread of the CPU, because parallelism on a line comes from
 * worker processes. `run` blocks the thread it is called on while it computes, whatever its promise suggests.
 */
export class OnnxSession implements ModelSession {
  readonly runtime: string;
  readonly outputs: readonly string[];
  readonly #session: InferenceSession;
  readonly #input: string;
  readonly #provider: Provider;

  private constructor(
    session: InferenceSession,
    about: { provider: Provider; input: string; outputs: readonly string[] },
  ) {
    this.runtime = `onnxruntime-node ${runtimeVersion} ${about.provider} ${process.platform}-${process.arch}`;
    this.outputs = about.outputs;
    this.#session = session;
    this.#input = about.input;
    this.#provider = about.provider;
  }

  /**
   * @param file path of a `.onnx` file, or its bytes
   * @throws InputError MODEL_UNREADABLE when ONNX Runtime cannot load it, MODEL_SHAPE when its input is not
   *   uint8 [n, h, w, 3], MODEL_OUTPUT when an asked output does not exist
   * @throws DependencyError RUNTIME_MISSING when the provider or its device is not there
   */
  static async open(file: string | Uint8Array, options: OnnxOptions = {}): Promise<OnnxSession> {
    const { provider = 'cpu', threads = 1, device = 0, engineDir = null } = options;
    const name = typeof file === 'string' ? file : `graph of ${file.byteLength} bytes`;
    const session = await load(file, name, { provider, threads, device, engineDir });
    try {
      const input = pictureInput(session, name);
      const outputs = options.outputs ?? session.outputNames;
      const missing = outputs.filter((output) => !session.outputNames.includes(output));
      if (missing.length > 0 || outputs.length === 0) {
        throw new InputError(
          'MODEL_OUTPUT',
          `Model ${name} has no output ${missing.join(', ')}: it has ${session.outputNames.join(', ')}. Use a model exported with these outputs.`,
        );
      }
      return new OnnxSession(session, { provider, input, outputs });
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** On a CPU a large batch goes through part by part, which takes less memory and no more time. */
  async run(batch: PictureBatch): Promise<Outputs> {
    assertBatch(batch);
    if (this.#provider !== 'cpu') return this.#compute(batch);
    const parts: Outputs[] = [];
    for (const part of partsOf(batch)) parts.push(await this.#compute(part));
    return joinOutputs(parts);
  }

  async #compute(batch: PictureBatch): Promise<Outputs> {
    const feeds = { [this.#input]: pictureTensor(batch) };
    let results: InferenceSession.OnnxValueMapType;
    try {
      results = await this.#session.run(feeds, this.outputs);
    } catch (cause) {
      if (lacksHalf(cause)) throw unusable(this.#provider, messageOf(cause), cause);
      throw new InvariantError(
        `Inference failed on ${batch.count} pictures ${batch.width}x${batch.height}, ${this.runtime}: ${messageOf(cause)}`,
        { cause },
      );
    }
    return Object.fromEntries(this.outputs.map((name) => [name, floatOutput(results, name)]));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

async function load(file: string | Uint8Array, name: string, options: ProviderOptions): Promise<InferenceSession> {
  const { provider } = options;
  // ONNX Runtime drops a provider it does not know and goes on with the next: what was not asked for must not compute.
  const missing = missingForProvider(provider);
  if (missing !== null) throw unusable(provider, missing);
  try {
    return await create(file, options);
  } catch (cause) {
    // The CPU can tell whether it is the model or the device.
    if (provider !== 'cpu' && (await isReadable(file))) throw unusable(provider, messageOf(cause), cause);
    throw new InputError(
      'MODEL_UNREADABLE',
      `Model ${name} cannot be loaded: expected an ONNX graph, but ${messageOf(cause)}. Export it again.`,
      { cause },
    );
  }
}

/** ONNX Runtime has one overload per kind of source. */
async function create(file: string | Uint8Array, options: ProviderOptions): Promise<InferenceSession> {
  const session = await sessionOptionsOf(file, options);
  return typeof file === 'string' ? InferenceSession.create(file, session) : InferenceSession.create(file, session);
}

async function isReadable(file: string | Uint8Array): Promise<boolean> {
  try {
    await (await create(file, { provider: 'cpu', threads: 1, device: 0, engineDir: null })).release();
    return true;
  } catch {
    return false;
  }
}

const REMEDIES: Readonly<Record<Provider, string>> = {
  tensorrt: 'It needs npm run setup:cuda, the NVIDIA driver (nvidia-smi), CUDA 13, cuDNN 9 and TensorRT 10',
  cuda: 'It needs npm run setup:cuda, the NVIDIA driver (nvidia-smi), CUDA 13 and cuDNN 9',
  webgpu: 'Install the graphics driver with its Vulkan part (vulkaninfo must list the GPU)',
  cpu: 'Install onnxruntime-node for this machine',
};

function unusable(provider: Provider, why: string, cause?: unknown): DependencyError {
  return new DependencyError(
    'RUNTIME_MISSING',
    `Runtime onnx-${provider} cannot be used here: ${firstLine(why)}. ${lacksHalf(cause) ? 'Set inference.precision to fp32 or auto' : REMEDIES[provider]}. Or set inference.runtime to auto.`,
    { cause },
  );
}

/** The graph computes in float16 and this GPU's shaders cannot: said at the opening or at the first run. */
function lacksHalf(cause: unknown): boolean {
  return messageOf(cause).includes('requires f16');
}

/** Without the places in its sources that ONNX Runtime puts before what it says. */
function firstLine(message: string): string {
  const [line = message] = message.trim().split('\n');
  return line.replace(/^\/\S+ .*? was false\. /, '').replace(/\.$/, '');
}

function pictureInput(session: InferenceSession, name: string): string {
  const [input, ...others] = session.inputMetadata;
  if (input?.isTensor && others.length === 0) {
    const { type, shape } = input;
    if (type === 'uint8' && shape.length === 4 && shape[3] === 3) return input.name;
  }
  const found = session.inputMetadata.map((each) =>
    each.isTensor ? `${each.name} ${each.type}[${each.shape.join(', ')}]` : each.name,
  );
  throw new InputError(
    'MODEL_SHAPE',
    `Model ${name} does not take pictures: expected one input uint8[n, height, width, 3], got ${found.join('; ')}. Export it with lineside.`,
  );
}

function floatOutput(results: InferenceSession.OnnxValueMapType, name: string): OutputTensor {
  const tensor = results[name];
  if (tensor?.data instanceof Float32Array) return { data: tensor.data, dims: tensor.dims };
  throw new InvariantError(`Output ${name} is ${tensor?.type ?? 'missing'}, expected float32.`);
}
