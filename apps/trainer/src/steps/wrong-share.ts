import type { OperatingPoint } from '#model/card';
import { verdictOfScored } from '#model/decide';
import { CONFIDENCE, lowerLimit, upperLimit } from '#model/metrics-share';
import type { Scored } from '../judge/score.js';

/** Pictures of one kind on a side, and how many of them an operating point decides wrongly. */
export interface WrongShare {
  readonly wrong: number;
  readonly of: number;
}

/** @param pictures defects, of which those that pass are wrong, or good ones, of which all others are */
export function countWrong(pictures: readonly Scored[], point: OperatingPoint): WrongShare {
  const wrong = pictures.filter((one) => (verdictOfScored(one, point) === 'PASS') === one.isDefect);
  return { wrong: wrong.length, of: pictures.length };
}

export function isHalf({ wrong, of }: WrongShare): boolean {
  return of > 0 && 2 * wrong >= of;
}

/** Half or more on test, and clearly more than where the point was chosen: the exact limits do not overlap. */
export function isWorseElsewhere(chosen: WrongShare, elsewhere: WrongShare): boolean {
  const least = lowerLimit(elsewhere.wrong, elsewhere.of, CONFIDENCE);
  return isHalf(elsewhere) && least > upperLimit(chosen.wrong, chosen.of, CONFIDENCE);
}

/** @param saying what the point does where it was chosen. @param kind of pictures to learn from */
export function describeWorse(saying: string, { wrong, of }: WrongShare, kind: 'pictures' | 'defects'): string {
  return `${saying}, but ${wrong} of ${of} of test: chosen there, it does not hold here. Name lots or parts as groups, so that validation differs from training as test does, or add ${kind} like test's to training`;
}
