import { io } from 'socket.io-client';
import { LIVE_PATH, LiveDelta, LiveSnapshot } from '#contracts/live';
import type { LiveStore } from './live-store.js';

/** Ask again while no snapshot comes: the request itself may have been lost. */
const ASK_EVERY_MS = 1_500;
/** The inspector speaks once a second: a connection silent for so long is dead and nobody said so, as after a computer slept. */
const SILENT_MS = 5_000;
/** The inspector has no place for another page now. */
const REFUSED_RETRY_MS = 10_000;

/** Connect the store to the inspector for as long as the page lives; reconnects by itself. */
export function openLiveSocket(store: LiveStore): void {
  const socket = io({
    path: LIVE_PATH,
    transports: ['websocket'],
    reconnectionDelay: 500,
    reconnectionDelayMax: 3_000,
  });

  let askedAtMs = 0;
  let heardAtMs = 0;
  const hear = (): void => {
    heardAtMs = performance.now();
  };
  socket.on('connect', () => {
    // A snapshot comes by itself now.
    askedAtMs = performance.now();
    hear();
    store.dispatch({ type: 'link', link: 'connected' });
  });
  socket.on('disconnect', (reason) => {
    store.dispatch({ type: 'link', link: 'disconnected' });
    // Ended by the inspector on purpose: socket.io leaves it to us to come back.
    if (reason === 'io server disconnect') socket.connect();
  });
  socket.on('connect_error', () => {
    const isRefused = !socket.active;
    store.dispatch({ type: 'link', link: isRefused ? 'refused' : 'disconnected' });
    if (isRefused) setTimeout(() => socket.connect(), REFUSED_RETRY_MS);
  });

  socket.onAny(hear);
  socket.on('snapshot', (message: unknown) => {
    const parsed = LiveSnapshot.safeParse(message);
    if (parsed.success) {
      store.dispatch({ type: 'snapshot', snapshot: parsed.data, atMs: performance.now() });
      return;
    }
    store.dispatch({ type: 'link', link: 'foreign' });
    reloadOnce();
  });
  socket.on('delta', (message: unknown) => {
    const parsed = LiveDelta.safeParse(message);
    store.dispatch(
      parsed.success ? { type: 'delta', delta: parsed.data, atMs: performance.now() } : { type: 'unreadable' },
    );
  });

  const askAgain = (): void => {
    if (!store.read().isWaitingForSnapshot || !socket.connected) return;
    if (performance.now() - askedAtMs < ASK_EVERY_MS) return;
    askedAtMs = performance.now();
    socket.emit('resync');
  };
  const connectAnew = (): void => {
    if (socket.connected && performance.now() - heardAtMs > SILENT_MS) socket.disconnect().connect();
  };
  store.subscribe(askAgain);
  setInterval(() => {
    connectAnew();
    askAgain();
  }, ASK_EVERY_MS);
}

/** A snapshot this page cannot read comes from another version of the inspector: fetch the page that goes with it, but not for ever. */
function reloadOnce(): void {
  const lastMs = Number(sessionStorage.getItem('lineside.reloadedAt') ?? 0);
  if (Date.now() - lastMs < 60_000) return;
  sessionStorage.setItem('lineside.reloadedAt', String(Date.now()));
  location.reload();
}
