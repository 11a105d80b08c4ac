import { counted } from '#model/counted';
import type { Plan } from '../plan/plan.js';
import type { DataCheck } from './findings.js';

/** Why a training by the plan would refuse the data, in words; null where it would begin. */
export function whyRefused(
  {
    unsplittable,
    unreadable,
    leaks,
    conflicts,
  }: Pick<DataCheck, 'unsplittable' | 'unreadable' | 'leaks' | 'conflicts'>,
  plan: Pick<Plan, 'leaks'>,
): string | null {
  const torn = plan.leaks === 'allow' ? 0 : leaks.length;
  // Copies under two labels are doubted alone: one of them may be right.
  const double = conflicts.filter(({ how }) => how === 'byte for byte').length;
  const reasons = [
    ...(unreadable.length > 0 ? [`${counted(unreadable.length, 'file')} cannot be taken`] : []),
    ...(torn > 0 ? [`${counted(torn, 'pair')} on two sides`] : []),
    ...(double > 0 ? [`${counted(double, 'pair')} of equal bytes under two labels`] : []),
    ...(unsplittable === null ? [] : [unsplittable.replace(/\.$/, '')]),
  ];
  return reasons.length === 0 ? null : reasons.join('; ');
}
