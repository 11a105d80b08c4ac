import { useEffect, useState } from 'react';

/** True once this stayed the same for so long; at first it is. */
export function useSteady(layout: string, forMs: number): boolean {
  const [steady, setSteady] = useState(layout);
  useEffect(() => {
    const timer = setTimeout(() => setSteady(layout), forMs);
    return () => clearTimeout(timer);
  }, [layout, forMs]);
  return steady === layout;
}
