/** How a rate falls after its warm-up. */
export const DECAYS = ['cosine', 'linear', 'exponential', 'none'] as const;

/** How a rate moves over a phase. */
export interface Schedule {
  /** Share of the steps in which the rate climbs linearly from a twenty-fifth of its peak. */
  readonly warmUp: number;
  readonly decay: (typeof DECAYS)[number];
}

/** Where the climb starts, as in one-cycle training (Smith & Topin, arXiv:1708.07120). */
const START = 1 / 25;
/** Where an exponential fall ends. */
const END = 1 / 100;

/** Factor on the peak rate at step `step` of `steps` (from 0), in 0..1. */
export function rateFactor({ warmUp, decay }: Schedule, step: number, steps: number): number {
  const climbing = Math.floor(warmUp * steps);
  if (step < climbing) return START + (1 - START) * ((step + 1) / climbing);
  const fallen = (step - climbing) / Math.max(1, steps - climbing);
  switch (decay) {
    case 'cosine':
      return 0.5 * (1 + Math.cos(Math.PI * fallen));
    case 'linear':
      return 1 - fallen;
    case 'exponential':
      return END ** fallen;
    case 'none':
      return 1;
  }
}
