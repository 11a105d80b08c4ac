import { messageOf } from '#contracts';

/** What a look at one thing came to. */
export interface Finding {
  /** The thing, as in `broker`. */
  readonly about: string;
  /** `gap`: the line runs without it. `blocked`: it does not. */
  readonly state: 'ok' | 'gap' | 'blocked';
  /** What is there, in words. */
  readonly found: string;
  /** What to do about it; null where nothing is to be done. */
  readonly advice: string | null;
}

export function ok(about: string, found: string): Finding {
  return { about, state: 'ok', found, advice: null };
}

export function gap(about: string, found: string, advice: string): Finding {
  return { about, state: 'gap', found, advice };
}

export function blocked(about: string, found: string, advice: string): Finding {
  return { about, state: 'blocked', found, advice };
}

/** One look. May take its time and may fail: `examine` sees to both. */
export interface Probe {
  readonly about: string;
  /** What it means when the look itself fails or takes too long. */
  readonly failure: 'gap' | 'blocked';
  readonly look: () => Finding[] | Promise<Finding[]>;
}

/** Run every probe at once; each ends within the time, whatever it does. Findings come in the probes' order. */
export async function examine(probes: readonly Probe[], timeoutMs: number): Promise<Finding[]> {
  const findings = await Promise.all(probes.map((probe) => lookOnce(probe, timeoutMs)));
  return findings.flat();
}

async function lookOnce({ about, failure, look }: Probe, timeoutMs: number): Promise<Finding[]> {
  const { promise: late, stop } = expire(timeoutMs);
  try {
    return await Promise.race([Promise.resolve().then(look), late]);
  } catch (error) {
    const advice = 'Nobody knows more: look at it by hand, or run the doctor again.';
    return [{ about, state: failure, found: messageOf(error), advice }];
  } finally {
    stop();
  }
}

function expire(timeoutMs: number): { promise: Promise<never>; stop: () => void } {
  let stop = (): void => undefined;
  const promise = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
    stop = () => clearTimeout(timer);
  });
  return { promise, stop };
}
