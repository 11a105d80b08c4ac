/** What must not happen, counted. */
export interface Failures {
  readonly lost: number;
  readonly late: number;
  /** Other than PASS, by reason. */
  readonly notPassed: Readonly<Record<string, number>>;
}

/** What one road did with one number of cameras, as fast as it went, all rounds together. */
export interface Sustained extends Failures {
  readonly cameras: number;
  readonly road: string;
  readonly framesPerSecond: number;
  readonly cpuMsPerFrame: number;
  readonly models: Readonly<Record<string, number>>;
}

/** From publish to verdict received, at a steady rate. */
export interface Latency extends Failures {
  readonly road: string;
  readonly framesPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export interface FramePathFigures {
  readonly workers: number;
  /** Mean size of a picture. */
  readonly frameKb: number;
  /** Versions, by who they belong to. */
  readonly words: Readonly<Record<string, string>>;
  /** One frame decoded and inferred, nobody else at work. */
  readonly serviceMs: number;
  readonly sustained: readonly Sustained[];
  readonly latencies: readonly Latency[];
  readonly swap: Failures & {
    readonly framesPerSecond: number;
    readonly answered: number;
    readonly p99Ms: number;
    readonly models: Readonly<Record<string, number>>;
  };
  /** From fork to READY: the very first time, and with the runtime chosen before. */
  readonly starts: { readonly firstMs: number; readonly laterMs: number };
  readonly peakMemoryMb: number;
  readonly small: Failures & {
    readonly framesPerSecond: number;
    readonly frameKb: number;
    /** Of the main process. */
    readonly cores: number;
    readonly p99Ms: number;
  };
}
