import type { Plan, PlanInput } from './plan.js';

/** Presets are plans too: what they say stands under what the file and `--set` say. */
export const PRESETS: Record<Plan['preset'], PlanInput> = {
  standard: {},
  // The transfer-learning tutorial's own settings: Dense 1024, dropout, Adam 1e-3 on the frozen base, then 1e-5.
  classic: {
    head: { units: [1024], dropout: 0.5 },
    fineTune: { rate: 1e-5, headRate: 1e-5, warmUp: 0, decay: 'none', epochs: 10 },
    weightDecay: 0,
    labelSmoothing: 0,
  },
  fast: { fineTune: { epochs: 0 }, report: { robustness: 0 } },
};
