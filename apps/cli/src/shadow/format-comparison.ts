import type { Comparison, Opinion } from '../../../inspector/src/shadow/compare-ledgers.js';
import { formatTable } from '../print-table.js';

/** Counts by both words, then the frames on which they differ, newest first. */
export function formatComparison(comparison: Comparison): string {
  const { frames, disagreements, counts, listed } = comparison;
  const apart = sayLeftOut(comparison);
  if (frames === 0)
    return `No frame with the word of both is in the two ledgers. Frames need an id of their own, and both must have run at once.\n${apart}`;
  const share = ((100 * disagreements) / frames).toFixed(2);
  const words = counts.map((each) => [each.line, each.shadow, String(each.frames)]);
  const rows = listed.map(({ frameId, camera, partId, receivedTs, line, shadow }) => {
    const when = receivedTs.slice(0, 19).replace('T', ' ');
    return [when, camera, partId ?? '-', frameId, describe(line), describe(shadow)];
  });
  const list =
    rows.length === 0
      ? ''
      : `\n${formatTable(['RECEIVED (UTC)', 'CAMERA', 'PART', 'FRAME', 'LINE', 'SHADOW'], rows)}\n`;
  const head = `${disagreements} of ${frames} frames that both models judged were decided otherwise (${share} %).\n`;
  return `${head}${apart}\n${formatTable(['LINE', 'SHADOW', 'FRAMES'], words)}\n${list}`;
}

function sayLeftOut({ unseen, otherRecipe }: Comparison): string {
  const why = [
    [unseen, 'that one of the two models did not come to (late, overloaded, held)'],
    [otherRecipe, 'that the two judged by different recipes'],
  ] as const;
  return why.flatMap(([frames, which]) => (frames === 0 ? [] : [`${frames} frames ${which} are left out.\n`])).join('');
}

function describe({ verdict, reason, score }: Opinion): string {
  const why = reason === 'MODEL' ? '' : ` ${reason}`;
  return `${verdict}${why}${score === null ? '' : ` ${score.toFixed(3)}`}`;
}
