import type { Verdict } from '#contracts';
import type { Arrival } from '../../apps/inspector/src/ledger/rows.js';
import { makeVerdict as makeLineVerdict } from './live.js';

const NOW = '2026-01-02T03:04:05.006Z';

/** An accepted frame as the ledger takes it. */
export function makeArrival(over: Partial<Arrival> = {}): Arrival {
  return {
    frameId: 'f1',
    identity: 'given',
    camera: 'cam1',
    cameraBootId: 'camera-boot-1',
    seq: 1,
    partId: 'part-1',
    view: null,
    lot: 'lot-1',
    recipe: 'chip',
    captureTs: null,
    receivedTs: NOW,
    simulated: false,
    challenge: false,
    deadlineMs: 500,
    validUntil: '2026-01-02T03:04:05.456Z',
    clockSync: 'none',
    missing: null,
    ...over,
  };
}

/** The verdict on that frame: the same at every call. */
export function makeVerdict(over: Partial<Verdict> = {}): Verdict {
  return makeLineVerdict({ frameId: 'f1', seq: 1, partId: 'part-1', lot: 'lot-1', verdict: 'FAIL', ...over });
}
