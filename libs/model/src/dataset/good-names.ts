/** What people call good parts, as in `ok_front`, `MT_Free` and `Negative`. */
const GOOD_WORDS = new Set([
  'good',
  'ok',
  'okay',
  'normal',
  'negative',
  'pass',
  'passed',
  'free',
  'intact',
  'undamaged',
]);
const WITHOUT = new Set(['no', 'non', 'not', 'without']);
/** As in `no_crack` and `non-defective`; a part with `no_screw` is another thing. */
const DEFECT_WORDS = /^(defects?|defective|cracks?|damaged?|faults?|faulty|anomal(y|ies|ous))$/;

/** Whether a class's name reads like that of good parts to a person: a hint, for names may mean anything. */
export function readsAsGood(name: string): boolean {
  const words = name
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/);
  if (words.some((word) => WITHOUT.has(word))) return words.some((word) => DEFECT_WORDS.test(word));
  return words.some((word) => GOOD_WORDS.has(word));
}
