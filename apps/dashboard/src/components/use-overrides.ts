import { useEffect, useState } from 'react';
import type { Override, OverrideRequest } from '#contracts';
import { OverrideList } from '#contracts/override';
import { ask } from '../live/ask.js';

export interface Overrides {
  /** Oldest first; the last one holds. */
  readonly said: readonly Override[];
  readonly problem: string | null;
  /** @returns true when it is on the inspector's disk */
  readonly say: (request: OverrideRequest) => Promise<boolean>;
}

/** What people said of one frame, and a way to say more. */
export function useOverrides(frameId: string): Overrides {
  const [said, setSaid] = useState<readonly Override[]>([]);
  const [problem, setProblem] = useState<string | null>(null);
  const load = async (isWanted: () => boolean): Promise<void> => {
    const list = OverrideList.parse(await ask(`/api/overrides?frameId=${encodeURIComponent(frameId)}`));
    if (isWanted()) setSaid(list.overrides);
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: another frame, another list
  useEffect(() => {
    let isWanted = true;
    load(() => isWanted).catch((error: Error) => isWanted && setProblem(error.message));
    return () => {
      isWanted = false;
    };
  }, [frameId]);

  const say = async (request: OverrideRequest): Promise<boolean> => {
    setProblem(null);
    try {
      await ask('/api/overrides', request);
      await load(() => true);
      return true;
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      return false;
    }
  };
  return { said, problem, say };
}
