import { INITIAL_STATE, type LiveEvent, type LiveState, reduceLive } from './live/live-state.js';

/** Holds the live state outside React; components read it through `useLive`. */
export class LiveStore {
  private state: LiveState = INITIAL_STATE;
  private readonly listeners = new Set<() => void>();

  readonly read = (): LiveState => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  dispatch(event: LiveEvent): void {
    const next = reduceLive(this.state, event);
    if (next === this.state) return;
    this.state = next;
    for (const listener of this.listeners) listener();
  }
}
