import type { ChallengeTally, Verdict } from '#contracts';
import { verdictOf } from '#model/decide';

/**
 * What became of a challenge part. caught: it was rejected for what it shows. missed: the model would have passed it,
 * whatever the published word is. void: nobody looked at it properly, so it proves nothing.
 */
export function challengeResult({ score, greyZone, threshold, reason }: Verdict): keyof ChallengeTally {
  if (score === null || greyZone === null || threshold === null) return 'void';
  if (reason === 'UNFAMILIAR') return 'caught';
  return verdictOf(score, { threshold, greyZone }) === 'PASS' ? 'missed' : 'caught';
}
