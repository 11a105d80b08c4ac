import { useEffect, useState } from 'react';
import type { Override, OverrideQuery, OverrideRequest } from '#contracts';
import { OverrideList } from '#contracts/override';
import { ask } from '../live/ask.js';
import { useConnects } from '../live-context.js';

export interface Overrides {
  /** Oldest first; the last one holds. */
  readonly said: readonly Override[];
  /** There may be others that could not be had. */
  readonly isUnknown: boolean;
  readonly problem: string | null;
  /** @returns true when it is on the inspector's disk */
  readonly say: (request: OverrideRequest) => Promise<boolean>;
}

/** What people said of one frame or part, and a way to say more. Asked for again when the inspector is back. */
export function useOverrides(of: OverrideQuery): Overrides {
  const connects = useConnects();
  const query = new URLSearchParams(of).toString();
  const [said, setSaid] = useState<readonly Override[]>([]);
  const [isUnknown, setIsUnknown] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const load = async (isWanted: () => boolean): Promise<void> => {
    const answer = await ask(`/api/overrides?${query}`).catch(() => null);
    const list = OverrideList.safeParse(answer);
    if (!isWanted()) return;
    setIsUnknown(!list.success);
    if (list.success) setSaid(list.data.overrides);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another record, another list; an inspector that is back, another answer
  useEffect(() => {
    let isWanted = true;
    void load(() => isWanted);
    return () => {
      isWanted = false;
    };
  }, [query, connects]);

  const say = async (request: OverrideRequest): Promise<boolean> => {
    setProblem(null);
    try {
      await ask('/api/overrides', request);
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      return false;
    }
    await load(() => true);
    return true;
  };
  return { said, isUnknown, problem, say };
}
