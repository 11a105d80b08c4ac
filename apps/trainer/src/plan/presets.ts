import type { Plan, PlanInput } from './plan.js';

/** Presets are plans too: what they say stands under what the file and `--set` say. */
export const PRESETS: Record<Plan['preset'], PlanInput> = {
  standard: {},
  // The transfer-learning tutorial's own settings: Dense 1024, dropout, Adam 1e-3 on the frozen base, then the first
  // 100 layers frozen and 1e-5 for the rest, which keep the last epoch whatever it is.
  classic: {
    augment: { views: ['plain'] },
    head: { units: [1024], dropout: 0.5 },
    features: { epochs: 10, decay: 'none' },
    fineTune: { freeze: 100, rate: 1e-5, headRate: 1e-5, warmUp: 0, decay: 'none', epochs: 10 },
    weightDecay: 0,
    labelSmoothing: 0,
    classWeights: 'none',
  },
  // A first look: each picture once; other precisions wait for the model that goes to a line.
  fast: {
    augment: { views: ['plain'] },
    fineTune: { epochs: 0 },
    precision: { make: [] },
    report: { robustness: 0 },
  },
  // Twice the views and three times the passes, and the mean of the last weights instead of where the last step fell.
  best: {
    augment: { views: ['plain', 'mirror', 'flip', 'turn'] },
    fineTune: { epochs: 12, averaging: 0.98 },
  },
};
