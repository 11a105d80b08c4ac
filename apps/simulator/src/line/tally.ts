import type { Verdict } from '#contracts';
import type { PartTruth } from '../part/part.js';
import type { SentFrame } from './camera.js';
import { Changes } from './changes.js';
import type { GateOutcome } from './gate.js';

/** What a run of the line came to, against the simulator's truth. */
export interface TallyFigures {
  readonly sent: number;
  /** Frames whose verdict arrived, each counted once. */
  readonly received: number;
  readonly pass: number;
  readonly fail: number;
  readonly inconclusive: number;
  /** Defective parts the gate passed. */
  readonly missed: number;
  /** Good parts the gate rejected. */
  readonly overkill: number;
  /** Frames sent whose verdict never came. */
  readonly lost: number;
  /** Verdicts for no frame of this run, or for one that had its verdict: duplicates, or another camera's. */
  readonly unexpected: number;
  readonly good: number;
  readonly defective: number;
  /** Mean of the shares of good parts passed and of defective parts rejected; null until both kinds went by. */
  readonly balancedAccuracy: number | null;
}

/** An endless run without an inspector must not fill the memory: the oldest frames are given up as lost. */
const MOST_OPEN = 10_000;

/** Counts frames, words and what the gate did. Holds only frames that still wait for their verdict. */
export class Tally {
  readonly #open = new Map<string, SentFrame>();
  readonly #changes = new Changes();
  #sent = 0;
  #givenUp = 0;
  #unexpected = 0;
  #good = { passed: 0, rejected: 0 };
  #defective = { passed: 0, rejected: 0 };
  #words = { PASS: 0, FAIL: 0, INCONCLUSIVE: 0 };

  sent(frame: SentFrame): void {
    this.#sent++;
    this.#open.set(frame.frameId, frame);
    const [oldest] = this.#open.keys();
    if (this.#open.size > MOST_OPEN && oldest !== undefined) {
      this.#open.delete(oldest);
      this.#givenUp++;
    }
  }

  heard(verdict: Verdict): void {
    if (this.#open.delete(verdict.frameId)) this.#words[verdict.verdict]++;
    else this.#unexpected++;
    this.#changes.tell();
  }

  gated(part: PartTruth, outcome: GateOutcome): void {
    const count = part.truth === 'good' ? this.#good : this.#defective;
    if (outcome.isPassed) count.passed++;
    else count.rejected++;
  }

  /** Wait until no frame is without its verdict, at most so long; what is open after that is lost. */
  async untilAllHeard(timeoutMs: number): Promise<void> {
    await this.#changes.until(() => this.#open.size === 0, { timeoutMs });
  }

  figures(): TallyFigures {
    const good = this.#good.passed + this.#good.rejected;
    const defective = this.#defective.passed + this.#defective.rejected;
    const { PASS: pass, FAIL: fail, INCONCLUSIVE: inconclusive } = this.#words;
    return {
      sent: this.#sent,
      received: pass + fail + inconclusive,
      pass,
      fail,
      inconclusive,
      missed: this.#defective.passed,
      overkill: this.#good.rejected,
      lost: this.#givenUp + this.#open.size,
      unexpected: this.#unexpected,
      good,
      defective,
      balancedAccuracy:
        good === 0 || defective === 0 ? null : (this.#good.passed / good + this.#defective.rejected / defective) / 2,
    };
  }
}
