import { z } from 'zod';
import { Place } from './runtime.js';
import { Timestamp } from './verdict.js';

/** Why a camera is not inspected right now. */
export const NotReadyReason = z.enum([
  'STARTING',
  'STOPPING',
  'NO_RECIPE',
  'NO_MODEL',
  'MODEL_HASH',
  'GOLDEN_CHECK',
  'RUNTIME',
  'WORKERS',
  'LEDGER',
  'DISK',
  'BROKER',
  'CAMERA_TAKEN',
  'CHANGEOVER',
  'CHALLENGE',
]);
export type NotReadyReason = z.infer<typeof NotReadyReason>;

/** `base/{camera}/state`, retained. READY counts only while `inspectorId` is ONLINE with the same `bootId`. */
export const CameraState = z.object({
  schema: z.literal('vision.state/1'),
  camera: z.string(),
  state: z.enum(['READY', 'NOT_READY']),
  reason: NotReadyReason.nullable(),
  detail: z.string().nullable(),
  inspectorId: z.string(),
  bootId: z.string(),
  model: z.string().nullable(),
  /** Where the model computes; null without one, absent from inspectors that had no choice. */
  place: Place.nullable().optional(),
  recipe: z.string().nullable(),
  ts: Timestamp,
});
export type CameraState = z.infer<typeof CameraState>;

/** Of another inspector's {@link CameraState}, who has the camera and by which recipe: a newer version may name reasons and runtimes that this one does not know. */
export const CameraClaim = CameraState.pick({
  schema: true,
  camera: true,
  inspectorId: true,
  bootId: true,
  recipe: true,
}).extend({
  reason: z.string().nullable(),
});
export type CameraClaim = z.infer<typeof CameraClaim>;

/** `base/inspector/{id}/state`, retained: birth and last will. */
export const InspectorState = z.object({
  schema: z.literal('vision.inspector/1'),
  inspectorId: z.string(),
  state: z.enum(['ONLINE', 'OFFLINE']),
  bootId: z.string(),
  ts: Timestamp,
});
export type InspectorState = z.infer<typeof InspectorState>;

/** `base/{camera}/heartbeat`, 1 Hz: the age of the last real inference, not of the process. */
export const Heartbeat = z.object({
  schema: z.literal('vision.heartbeat/1'),
  camera: z.string(),
  bootId: z.string(),
  seq: z.number().int().nonnegative(),
  ts: Timestamp,
  lastInferenceTs: Timestamp.nullable(),
  queue: z.number().int().nonnegative(),
  p99: z.number().nonnegative().nullable(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;

/** `base/alert`. */
export const Alert = z.object({
  schema: z.literal('vision.alert/1'),
  code: z.string(),
  message: z.string(),
  camera: z.string().nullable(),
  inspectorId: z.string(),
  bootId: z.string(),
  active: z.boolean(),
  /** Who answers for alarms of this code; absent from older inspectors. */
  owner: z.string().nullable().optional(),
  /** Who has seen it and takes care, since when. */
  acknowledged: z.object({ by: z.string(), ts: Timestamp }).nullable().optional(),
  /** Since when it is on, whatever its words were; of one that is over (`active: false`), since when it is. */
  ts: Timestamp,
});
export type Alert = z.infer<typeof Alert>;
