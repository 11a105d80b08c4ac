import { type RefObject, useEffect, useState } from 'react';

/** Less of it is as good as nothing: what counts is the verdict at its foot. */
const IN_SIGHT = 0.9;

/** Places of the children that one would have to scroll this element to see. */
export function useOutOfSight(ref: RefObject<HTMLElement | null>, count: number): ReadonlySet<number> {
  const [hidden, setHidden] = useState<ReadonlySet<number>>(new Set());
  // biome-ignore lint/correctness/useExhaustiveDependencies: another count, other children
  useEffect(() => {
    const root = ref.current;
    if (root === null) return;
    const children = [...root.children];
    const watch = (entries: readonly IntersectionObserverEntry[]): void =>
      setHidden((last) => {
        const next = new Set(last);
        for (const { target, intersectionRatio } of entries) {
          if (intersectionRatio < IN_SIGHT) next.add(children.indexOf(target));
          else next.delete(children.indexOf(target));
        }
        return next;
      });
    const observer = new IntersectionObserver(watch, { root, threshold: IN_SIGHT });
    for (const child of children) observer.observe(child);
    return () => {
      observer.disconnect();
      setHidden(new Set());
    };
  }, [ref, count]);
  return hidden;
}
