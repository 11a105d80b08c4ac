import type { Verdict } from '#contracts';
import type { Arrival } from '../../apps/inspector/src/ledger/rows.js';

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

/** A verdict as the model gives it. */
export function makeVerdict(over: Partial<Verdict> = {}): Verdict {
  return {
    schema: 'vision.verdict/1',
    frameId: 'f1',
    identity: 'given',
    camera: 'cam1',
    bootId: 'boot-1',
    seq: 1,
    partId: 'part-1',
    view: null,
    lot: 'lot-1',
    recipe: 'chip',
    verdict: 'FAIL',
    reason: 'MODEL',
    defectClass: 'crack',
    score: 0.93,
    scores: { good: 0.07, crack: 0.93 },
    threshold: 0.62,
    greyZone: [0.55, 0.62],
    model: { id: 'model-1', cardSha256: 'c'.repeat(64) },
    ts: { capture: null, received: NOW, decided: NOW },
    validUntil: '2026-01-02T03:04:05.456Z',
    clockSync: 'none',
    latencyMs: { accept: 1, queue: 2, decode: 3, infer: 4, record: 0 },
    deadlineMs: 500,
    late: false,
    simulated: false,
    challenge: false,
    historical: false,
    recorded: true,
    ...over,
  };
}
