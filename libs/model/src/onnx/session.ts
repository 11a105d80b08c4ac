import { env, InferenceSession, Tensor } from 'onnxruntime-node';
import { InputError, InvariantError, messageOf } from '#contracts';

/** Version of ONNX Runtime, as a card records it. */
export const runtimeVersion: string = env.versions.node ?? env.versions.common;

/** One output: float32 in row-major order with its shape; the first dimension is the batch. */
export interface OutputTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** Pictures as `preparePicture` gives them: uint8 RGB, [count, height, width, 3]. */
export interface PictureBatch {
  readonly data: Uint8Array;
  readonly count: number;
  readonly height: number;
  readonly width: number;
}

export interface SessionOptions {
  /** Threads of one run; default 1, because parallelism on a line comes from worker processes. */
  readonly threads?: number;
  /** Names of the outputs to compute; default all. */
  readonly outputs?: readonly string[];
}

/**
 * One exported graph in ONNX Runtime on the CPU. `run` blocks the thread it is called on while it computes, whatever
 * its promise suggests, so a line calls it in worker processes only. Whoever opens it closes it.
 */
export class OnnxSession {
  /** What computes, for certificates and messages, e.g. `onnxruntime-node 1.30.0 cpu linux-x64`. */
  static readonly runtime = `onnxruntime-node ${runtimeVersion} cpu ${process.platform}-${process.arch}`;

  readonly #session: InferenceSession;
  readonly #input: string;
  readonly #outputs: readonly string[];

  private constructor(session: InferenceSession, input: string, outputs: readonly string[]) {
    this.#session = session;
    this.#input = input;
    this.#outputs = outputs;
  }

  /**
   * @param file path of a `.onnx` file, or its bytes
   * @throws InputError MODEL_UNREADABLE when ONNX Runtime cannot load it, MODEL_SHAPE when its input is not
   *   uint8 [n, h, w, 3], MODEL_OUTPUT when an asked output does not exist
   */
  static async open(file: string | Uint8Array, options: SessionOptions = {}): Promise<OnnxSession> {
    const name = typeof file === 'string' ? file : `graph of ${file.byteLength} bytes`;
    const session = await load(file, name, options.threads ?? 1);
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
      return new OnnxSession(session, input, outputs);
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  /** Names of the outputs that `run` computes. */
  get outputs(): readonly string[] {
    return this.#outputs;
  }

  /**
   * Compute the outputs of a batch.
   * @throws InvariantError when the batch's bytes are not count x height x width x 3, or when the runtime fails
   */
  async run(batch: PictureBatch): Promise<Record<string, OutputTensor>> {
    const { data, count, height, width } = batch;
    if (count < 1 || data.byteLength !== count * height * width * 3) {
      throw new InvariantError(
        `Batch of ${count} pictures ${width}x${height} must hold ${count * height * width * 3} bytes, it holds ${data.byteLength}.`,
      );
    }
    const feeds = { [this.#input]: new Tensor('uint8', data, [count, height, width, 3]) };
    const results = await this.#session.run(feeds, [...this.#outputs]).catch((cause: unknown) => {
      throw new InvariantError(`Inference failed on ${count} pictures ${width}x${height}: ${messageOf(cause)}`, {
        cause,
      });
    });
    return Object.fromEntries(this.#outputs.map((name) => [name, floatOutput(results, name)]));
  }

  /** Free the native memory. The session cannot be used afterwards. */
  async close(): Promise<void> {
    await this.#session.release();
  }
}

async function load(file: string | Uint8Array, name: string, threads: number): Promise<InferenceSession> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ['cpu'],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
  };
  try {
    return typeof file === 'string'
      ? await InferenceSession.create(file, options)
      : await InferenceSession.create(file, options);
  } catch (cause) {
    throw new InputError(
      'MODEL_UNREADABLE',
      `Model ${name} cannot be loaded: expected an ONNX graph, but ${messageOf(cause)}. Export it again.`,
      { cause },
    );
  }
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
