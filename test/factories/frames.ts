import type { Override, PartVerdict, Verdict } from '#contracts';
import type { Arrival, OverrideCall } from '../../apps/inspector/src/ledger/rows.js';
import { makeVerdict as makeLineVerdict, makePartVerdict } from './live.js';

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

/** A person's word on that frame. */
export function makeOverride(over: Partial<Override> = {}): Override {
  return {
    schema: 'vision.override/1',
    overrideId: '01J00000000000000000000001',
    inspectorId: 'inspector1',
    bootId: 'boot1',
    frameId: 'f1',
    inspection: null,
    frameIds: ['f1'],
    camera: 'cam1',
    partId: 'part-1',
    lot: 'lot-1',
    disposition: 'rework',
    trueLabel: null,
    remark: null,
    by: 'Ada Lovelace',
    machine: {
      verdict: 'FAIL',
      reason: 'MODEL',
      defectClass: 'crack',
      score: 0.93,
      modelId: 'chip-1',
      decidedTs: makeVerdict().ts.decided,
    },
    ts: NOW,
    ...over,
  };
}

/** A person speaks of a frame: the ledger's call. */
export function makeOverrideCall(over: Partial<OverrideCall> = {}): OverrideCall {
  return {
    of: { kind: 'frame', id: 'f1' },
    words: { disposition: 'rework', trueLabel: null, remark: null, by: 'Ada Lovelace' },
    overrideId: '01J00000000000000000000001',
    inspectorId: 'inspector1',
    bootId: 'boot1',
    ts: NOW,
    ...over,
  };
}

/** A part of several views that failed, one view per frame, cameras counted from `cam1`. */
export function makePart({ inspection, frames }: { inspection: string; frames: readonly string[] }): PartVerdict {
  return makePartVerdict({
    inspection,
    partId: 'part-1',
    lot: 'lot-1',
    verdict: 'FAIL',
    score: 0.93,
    views: frames.map((frameId, i) => ({
      view: `view${i + 1}`,
      camera: `cam${i + 1}`,
      frameId,
      verdict: 'FAIL',
      reason: 'MODEL',
    })),
    ts: { first: NOW, decided: NOW },
    validUntil: NOW,
    deadlineMs: 500,
  });
}
