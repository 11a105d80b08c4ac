/** One blow of a fault, which may strike many times. */
export interface Blow {
  /** Bring the fault about. */
  readonly harm: () => unknown;
  /** How long it lasts at least once it shows, ms. */
  readonly lastsMs?: number;
  /** Take its cause away; nothing where the line has to help itself. */
  readonly mend?: () => unknown;
  /** Signs that count; any by default. */
  readonly shownBy?: readonly string[];
  /** Resolves when the line is itself again; by default when a part that was triggered after the mending passes. */
  readonly recovered?: (mendedAt: number) => Promise<unknown>;
}

/** How one fault went, beside what was counted. */
export interface Course {
  readonly blows: number;
  readonly detect: { readonly ms: number; readonly by: string } | null;
  readonly recoverMs: number | null;
  /** For the table. */
  readonly note: string | null;
  /** What should have held and did not: the row misses its goals by it. */
  readonly broken: string | null;
}

const UNTOUCHED: Course = { blows: 0, detect: null, recoverMs: null, note: null, broken: null };

/** Takes down how a fault goes, while it goes. */
export class CourseBook {
  #soFar = UNTOUCHED;

  get soFar(): Course {
    return this.#soFar;
  }

  /** How long it took until the line showed trouble; the longest stays. */
  tookToShow(ms: number, by: string): void {
    const { blows, detect } = this.#soFar;
    const longest = detect === null || ms > detect.ms ? { ms, by } : detect;
    this.#soFar = { ...this.#soFar, blows: blows + 1, detect: longest };
  }

  tookToRecover(ms: number): void {
    this.#soFar = { ...this.#soFar, recoverMs: Math.max(ms, this.#soFar.recoverMs ?? 0) };
  }

  /** Say this of the fault in the table. */
  say(note: string): void {
    this.#soFar = { ...this.#soFar, note };
  }

  /** A promise beyond those that the books tell was not kept. */
  sayBroken(words: string): void {
    this.#soFar = { ...this.#soFar, broken: words };
  }
}
