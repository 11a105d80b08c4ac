import type { Decision, ReplayReport, Verdict } from '#contracts';
import { auroc } from '#model/metrics-ranking';
import type { SentFrame } from './line/camera.js';
import { Changes } from './line/changes.js';

interface Sent {
  readonly isDefect: boolean;
  readonly sentAt: number;
  verdict: Pick<Verdict, 'verdict' | 'reason'> | null;
  latencyMs: number | null;
  isRecorded: boolean;
  score: number | null;
}

/** Joins what was sent with what came back, by frameId. */
export class ReplayCount {
  readonly #sent = new Map<string, Sent>();
  readonly #changes = new Changes();
  #recorded = 0;
  #judged = 0;
  #duplicates = 0;
  #notSent = 0;

  sent({ frameId, sentAt }: SentFrame, isDefect: boolean): void {
    this.#sent.set(frameId, { isDefect, sentAt, verdict: null, latencyMs: null, isRecorded: false, score: null });
  }

  /** It never left: nothing is to be expected of it. */
  notSent({ frameId }: SentFrame): void {
    this.#sent.delete(frameId);
    this.#notSent++;
  }

  /** A verdict of another sender's frame is not ours to count. */
  verdict({ frameId, verdict, reason }: Verdict): void {
    const sent = this.#sent.get(frameId);
    if (sent === undefined) return;
    if (sent.verdict !== null) {
      this.#duplicates++;
      return;
    }
    sent.verdict = { verdict, reason };
    sent.latencyMs = performance.now() - sent.sentAt;
    this.#judged++;
    this.#changes.tell();
  }

  record({ frameId, score }: Verdict): void {
    const sent = this.#sent.get(frameId);
    if (sent === undefined) return;
    if (sent.isRecorded) {
      this.#duplicates++;
      return;
    }
    sent.isRecorded = true;
    sent.score = score;
    this.#recorded++;
    this.#changes.tell();
  }

  /** Wait until every frame has its verdict and its record, or nothing has come for so long. */
  async untilComplete(silenceMs: number): Promise<void> {
    const isComplete = (): boolean => this.#recorded === this.#sent.size && this.#judged === this.#sent.size;
    await this.#changes.until(isComplete, { timeoutMs: silenceMs, sinceChange: true });
  }

  report(): ReplayReport {
    const frames = [...this.#sent.values()];
    const said = frames.flatMap(({ verdict }) => verdict ?? []);
    const count = (word: Decision): number => said.filter(({ verdict }) => verdict === word).length;
    // No verdict rejects, as at the gate.
    const passed = (isDefect: boolean): number =>
      frames.filter((frame) => frame.isDefect === isDefect && frame.verdict?.verdict === 'PASS').length;
    const defects = frames.filter(({ isDefect }) => isDefect).length;
    const [fn, tn] = [passed(true), passed(false)];
    return {
      sent: frames.length,
      notSent: this.#notSent,
      verdicts: { PASS: count('PASS'), FAIL: count('FAIL'), INCONCLUSIVE: count('INCONCLUSIVE') },
      inconclusive: countReasons(said),
      duplicates: this.#duplicates,
      lost: frames.length - this.#recorded,
      latencyMs: percentiles(frames.flatMap(({ latencyMs }) => latencyMs ?? [])),
      truth: { tp: defects - fn, fp: frames.length - defects - tn, tn, fn },
      auroc: scoreAuroc(frames),
    };
  }
}

function countReasons(said: readonly Pick<Verdict, 'verdict' | 'reason'>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdict, reason } of said) if (verdict === 'INCONCLUSIVE') counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

function scoreAuroc(frames: readonly Sent[]): number | null {
  const scored = frames.flatMap(({ score, isDefect }) => (score === null ? [] : [{ score, isDefect }]));
  const kinds = new Set(scored.map(({ isDefect }) => isDefect));
  return kinds.size < 2 ? null : auroc(scored);
}

/** Nearest-rank percentiles; all 0 when nothing was measured. */
function percentiles(values: readonly number[]): ReplayReport['latencyMs'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
