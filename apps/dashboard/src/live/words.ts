import type { Disposition, NotReadyReason, Origin, PartVerdict, Place, Reason, Verdict } from '#contracts';

/** A reason as people say it, what tells it apart first: a tile has room for few letters. The code stands in the details. */
const REASON_WORDS: Record<Reason, string> = {
  MODEL: 'Decided by the model',
  GREY_ZONE: 'Grey zone',
  UNFAMILIAR: 'Unlike anything trained on',
  IMAGE_BLUR: 'Out of focus',
  IMAGE_EXPOSURE: 'Badly exposed',
  IMAGE_SIZE: 'Wrong picture size',
  FRAME_DUPLICATE: 'Camera repeats its picture',
  FRAME_DECODE: 'Unreadable picture',
  FRAME_METADATA: 'Unreadable frame data',
  FRAME_TOO_LARGE: 'Picture too large',
  MISSING_VIEW: 'Missing view of the part',
  RECIPES_DIFFER: 'Views judged as different products',
  NO_RECIPE: 'No recipe for this part',
  MODEL_NOT_READY: 'Model not ready',
  CHALLENGE: 'Challenge part',
  OVERLOAD: 'Too many frames at once',
  LATE: 'Verdict came too late',
  CLOCK: 'Camera clock not believable',
  INTERRUPTED: 'Inspection was interrupted',
  INTERNAL: 'Fault in the inspector',
};

/** Why a verdict is what it is. */
export function explainReason({ reason, challenge, score }: Pick<Verdict, 'reason' | 'challenge' | 'score'>): string {
  if (reason !== 'CHALLENGE' || challenge) return REASON_WORDS[reason];
  // No model looks at ordinary parts while their camera is locked; a simulated one in production is only not passed.
  return score === null ? 'Camera locked' : 'Simulated part';
}

/**
 * What to say first beside the verdict: of a FAIL the defect, of an INCONCLUSIVE why nothing was decided. The class a
 * model leant to is no finding then.
 */
export function explainVerdict(
  verdict: Pick<Verdict, 'verdict' | 'reason' | 'defectClass' | 'challenge' | 'score'>,
): string {
  return verdict.verdict === 'FAIL' && verdict.defectClass !== null
    ? formatClass(verdict.defectClass)
    : explainReason(verdict);
}

/** Why a part of several views was rejected: the view that it lacks by name. */
export function explainPart(
  part: Pick<PartVerdict, 'verdict' | 'reason' | 'defectClass' | 'challenge' | 'score' | 'views'>,
): string {
  if (part.reason !== 'MISSING_VIEW') return explainVerdict(part);
  const missing = part.views.flatMap(({ view, verdict }) => (verdict === null ? [view] : []));
  return `${missing.length === 1 ? 'View' : 'Views'} ${missing.join(', ')} missing`;
}

export const NOT_READY_WORDS: Record<NotReadyReason, string> = {
  STARTING: 'Starting',
  STOPPING: 'Stopping',
  NO_RECIPE: 'No recipe',
  NO_MODEL: 'No model promoted',
  MODEL_HASH: 'Model file damaged',
  GOLDEN_CHECK: 'Golden pictures failed',
  RUNTIME: 'Runtime missing',
  WORKERS: 'Inference stopped',
  LEDGER: 'Ledger not writable',
  DISK: 'Disk almost full',
  BROKER: 'No broker',
  CAMERA_TAKEN: 'Camera taken by another inspector',
  CHANGEOVER: 'Changing over',
  CHALLENGE: 'Challenge missed',
};

export const DISPOSITION_WORDS: Record<Disposition, string> = {
  scrap: 'Scrap',
  rework: 'Rework',
  'use-as-is': 'Use as is',
};

export const ORIGIN_WORDS: Record<Origin, string> = {
  line: 'Production',
  simulated: 'Simulated',
  challenge: 'Challenge parts',
};

/** `onnx-cpu int8`; an en dash where the record does not say. */
export function formatPlace(place: Partial<Place> | null): string {
  return place?.runtime === undefined ? '–' : `${place.runtime} ${place.precision ?? ''}`.trim();
}

/** `missing_termination` as one says it. */
export function formatClass(label: string): string {
  return label.replaceAll('_', ' ');
}

const WHOLE = new Intl.NumberFormat('en-GB');

export function formatCount(value: number): string {
  return WHOLE.format(value);
}

/** `97.3 %`, never rounded up to 100 or down to 0; an en dash without data. */
export function formatShare(share: number | null): string {
  if (share === null) return '–';
  if (share === 0 || share === 1) return `${share * 100} %`;
  const percent = share * 100;
  if (percent < 0.01) return '< 0.01 %';
  return percent < 10 ? `${percent.toFixed(2)} %` : `${Math.min(percent, 99.9).toFixed(1)} %`;
}

/** `0.4 s`, `12 s`, `3 min`, `2 h`; an en dash when it never was. */
export function formatAge(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 9_950) return `${(ms / 1_000).toFixed(1)} s`;
  if (ms < 120_000) return `${Math.round(ms / 1_000)} s`;
  if (ms < 7_200_000) return `${Math.round(ms / 60_000)} min`;
  return `${Math.round(ms / 3_600_000)} h`;
}

/** What became of a frame's window: how much of it was used, and where none was left at its arrival, why. */
export function explainWindow(
  verdict: Pick<Verdict, 'deadlineMs' | 'latencyMs' | 'late' | 'validUntil' | 'clockSync' | 'seq' | 'ts'>,
): string {
  const { deadlineMs, latencyMs, late, validUntil, clockSync, seq, ts } = verdict;
  const tookMs = Object.values(latencyMs).reduce((sum, ms) => sum + ms, 0);
  const used = `${deadlineMs} ms, took ${Math.round(tookMs)} ms`;
  if (!late) return used;
  const overMs = Date.parse(ts.received) - Date.parse(validUntil);
  if (overMs < 0) return `${used}, late`;
  // Delivered again: the window is closed at the arrival, wherever it began.
  if (overMs === 0) return `${used}, late: over when the frame arrived`;
  const over = `${used}, late: over ${formatAge(overMs)} before the frame arrived`;
  // Without a capture time that can be believed, a window begins at the arrival, or with a frame that has a higher number.
  return seq !== null && clockSync !== 'ok' ? `${over}, as its camera had counted past seq ${seq} by then` : over;
}

/** More names than this are not read one by one. */
const NAMED = 4;

/** Where an alarm is on: camera by camera, or that it is all of them; empty for the whole inspector. */
export function sayPlaces(cameras: readonly (string | null)[], ofAll: number): string {
  const names = cameras.filter((camera) => camera !== null);
  return names.length === ofAll && ofAll > NAMED ? `All ${ofAll} cameras` : names.join(', ');
}

/** `3 min ago`, or that it never was. */
export function formatAgo(ms: number | null): string {
  return ms === null ? 'never' : `${formatAge(ms)} ago`;
}

/** Date and time of this computer's zone; an en dash when it never was. */
export function formatMoment(ts: string | null): string {
  if (ts === null) return '–';
  return new Date(ts).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'medium' });
}

/** Time of day of this computer's zone, seconds. */
export function formatTime(ts: string | number): string {
  return new Date(ts).toLocaleTimeString('en-GB');
}

/** What people call this computer's zone at that moment: `CET`, `GMT+9`. */
export function formatZone(ts: string | number): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZoneName: 'short' }).formatToParts(new Date(ts));
  return parts.find(({ type }) => type === 'timeZoneName')?.value ?? '';
}

/** The day of a moment in this computer's zone, to tell whether another moment is of the same. */
export function dayOf(ts: string | number): string {
  return new Date(ts).toDateString();
}

/** `08:12:03`, and `29 Nov 08:12:03` where that is not today, as `dayOf` gives it; null = today is not known. */
export function formatWhen(ts: string | number, today: string | null): string {
  if (dayOf(ts) === today) return formatTime(ts);
  return `${new Date(ts).toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${formatTime(ts)}`;
}

/** Why a page that the inspector turned away shows nothing. */
export const REFUSED_WORDS = 'The inspector serves as many pages as it may. Close another one; trying again.';

/** Why a page shows nothing of an inspector whose messages it cannot read. */
export const FOREIGN_WORDS =
  'This page and the inspector are of different versions. The page loads itself anew; where that does not help, build it again: npm run build:page.';
