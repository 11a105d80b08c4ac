import type { Comparison, Opinion } from '../../../inspector/src/shadow/compare-ledgers.js';
import { formatTable } from '../print-table.js';

/** Counts by both words, then the frames on which they differ, newest first. */
export function formatComparison({ frames, disagreements, counts, listed }: Comparison): string {
  if (frames === 0)
    return 'No frame is in both ledgers. Frames need an id of their own, and both must have run at once.\n';
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
  const head = `${disagreements} of ${frames} frames that both closed were decided otherwise (${share} %).\n`;
  return `${head}\n${formatTable(['LINE', 'SHADOW', 'FRAMES'], words)}\n${list}`;
}

function describe({ verdict, reason, score }: Opinion): string {
  const why = reason === 'MODEL' ? '' : ` ${reason}`;
  return `${verdict}${why}${score === null ? '' : ` ${score.toFixed(3)}`}`;
}
