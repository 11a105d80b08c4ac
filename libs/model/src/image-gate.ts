import { InputError, type Reason } from '#contracts';
import type { ImageGate } from './card.js';
import type { ImageFacts } from './preprocess/image-facts.js';

/** A picture must be this much less sharp than the least sharp good one before it is refused. */
const SHARPNESS_MARGIN = 2;
/** A picture may have this much more of its pixels too dark or too bright than any good one had. */
const EXPOSURE_MARGIN = 0.2;

/** Why a picture says nothing about its part. */
export interface ImageRefusal {
  readonly reason: Extract<Reason, 'IMAGE_BLUR' | 'IMAGE_EXPOSURE'>;
  readonly message: string;
}

/**
 * Limits that every good picture passes with room to spare; what is clearly worse than the worst of them is no picture
 * a verdict may rest on. Defective pictures teach nothing here: one that is refused is rejected all the same.
 * @param facts of good pictures
 * @throws InputError NO_GOOD_PICTURES
 */
export function learnImageGate(facts: readonly ImageFacts[]): ImageGate {
  if (facts.length === 0) {
    throw new InputError('NO_GOOD_PICTURES', 'The image gate is learnt from good pictures, and there is none.');
  }
  return {
    leastSharpness: Math.min(...facts.map(({ sharpness }) => sharpness)) / SHARPNESS_MARGIN,
    mostDark: widen(Math.max(...facts.map(({ darkShare }) => darkShare))),
    mostBright: widen(Math.max(...facts.map(({ brightShare }) => brightShare))),
    learntFrom: facts.length,
  };
}

/** Null when the picture may be judged. Exposure first: a black picture is not sharp either, but focus is not its fault. */
export function refuseImage({ sharpness, darkShare, brightShare }: ImageFacts, gate: ImageGate): ImageRefusal | null {
  const { leastSharpness, mostDark, mostBright } = gate;
  if (darkShare > mostDark) return exposure('dark', darkShare, mostDark);
  if (brightShare > mostBright) return exposure('bright', brightShare, mostBright);
  if (sharpness >= leastSharpness) return null;
  return {
    reason: 'IMAGE_BLUR',
    message: `Picture is out of focus: sharpness ${sharpness.toFixed(1)}, the model's good pictures allow ${leastSharpness.toFixed(1)} or more. Clean and focus the lens.`,
  };
}

/** Never the whole way to 1: a picture without any detail is refused, unless a good one was like that. */
function widen(share: number): number {
  return share + Math.min(EXPOSURE_MARGIN, (1 - share) / 2);
}

function exposure(word: 'dark' | 'bright', share: number, most: number): ImageRefusal {
  const percent = (value: number): string => `${(100 * value).toFixed(0)} %`;
  return {
    reason: 'IMAGE_EXPOSURE',
    message: `Picture is too ${word}: ${percent(share)} of its pixels show nothing, the model's good pictures allow ${percent(most)}. Check light and exposure time.`,
  };
}
