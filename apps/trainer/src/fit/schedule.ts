/** How a rate moves over a phase. */
export interface Schedule {
  /** Share of the steps in which the rate climbs linearly from a twenty-fifth of its peak. */
  readonly warmUp: number;
  readonly decay: 'cosine' | 'none';
}

/** Where the climb starts, as in one-cycle training (Smith & Topin, arXiv:1708.07120). */
const START = 1 / 25;

/** Factor on the peak rate at step `step` of `steps` (from 0), in 0..1. */
export function rateFactor({ warmUp, decay }: Schedule, step: number, steps: number): number {
  const climbing = Math.floor(warmUp * steps);
  if (step < climbing) return START + (1 - START) * ((step + 1) / climbing);
  if (decay === 'none') return 1;
  const left = Math.max(1, steps - climbing);
  return 0.5 * (1 + Math.cos((Math.PI * (step - climbing)) / left));
}
