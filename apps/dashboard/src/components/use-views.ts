import { useEffect, useState } from 'react';
import { PartViews } from '#contracts/search';
import type { Verdict } from '#contracts/verdict';
import { ask } from '../live/ask.js';
import { useConnects } from '../live-context.js';

/** The verdicts on the frames of a part of several views; null until they came, and where they cannot be had. */
export function useViews(inspection: string | null): readonly Verdict[] | null {
  const connects = useConnects();
  const [found, setFound] = useState<{ inspection: string; verdicts: readonly Verdict[] } | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: an inspector that is back is asked again
  useEffect(() => {
    let isWanted = inspection !== null;
    const load = async (id: string): Promise<void> => {
      const answer = await ask(`/api/parts/${encodeURIComponent(id)}/views`).catch(() => null);
      const views = PartViews.safeParse(answer);
      if (isWanted && views.success) setFound({ inspection: id, verdicts: views.data.verdicts });
    };
    if (inspection !== null) void load(inspection);
    return () => {
      isWanted = false;
    };
  }, [inspection, connects]);
  return found !== null && found.inspection === inspection ? found.verdicts : null;
}
