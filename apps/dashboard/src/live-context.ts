import { createContext, use, useEffect, useState, useSyncExternalStore } from 'react';
import type { LiveState } from './live/live-state.js';
import { LiveStore } from './live-store.js';

export const LiveContext = createContext(new LiveStore());

export function useLive(): LiveState {
  const store = use(LiveContext);
  return useSyncExternalStore(store.subscribe, store.read);
}

/** Changes when the inspector is back: what failed before is worth another try. */
export function useConnects(): number {
  const store = use(LiveContext);
  return useSyncExternalStore(store.subscribe, () => store.read().connects);
}

/** Often enough for ages in tenths of a second. */
const RENEW_MS = 250;

/** This page's monotonic clock, ms. */
export function useNowMs(): number {
  const [nowMs, setNowMs] = useState(() => performance.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(performance.now()), RENEW_MS);
    return () => clearInterval(timer);
  }, []);
  return nowMs;
}
