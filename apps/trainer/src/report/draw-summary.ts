import type { Figures, Share } from '#contracts';
import type { ModelCard } from '#model/card';
import { counted } from '#model/counted';
import { tellInconclusive } from '#model/inconclusive';
import { percent, percentUp } from '#model/percent';
import { describeReached, describeSpread, reachedAt } from '#model/reached';
import { describeWish, wishOf } from '#model/wish';
import { type Html, html } from '../page/html.js';

/** What a report says first: what is missed and rejected, how well the kinds are told apart, and what the threshold was set for. */
export function drawSummary(card: ModelCard, figures: Figures): Html {
  const { atThreshold: at, n } = figures;
  const defects = at.tp + at.fn;
  const goods = at.fp + at.tn;
  return html`<div class="cards">
${fact({ value: `${at.fn} of ${defects}`, about: `defects missed, which passed: ${limits(at.missRate)}`, isWrong: at.fn > 0 })}
${fact({ value: `${at.fp} of ${goods}`, about: `good parts rejected (overkill): ${limits(at.overkill)}` })}
${fact({ value: `${at.inconclusive} of ${n}`, about: `for a person to decide, ${tellInconclusive(figures.confusion)}: ${describeInconclusive(at)}; rejected until then, so neither a miss nor a PASS` })}
${drawRanks(figures)}
</div>
${drawWish(card, at)}
<p class="about">Limits are two-sided, 95 %, exact (Clopper-Pearson): the true rate lies inside them in at least 19 of 20 such samples, if pictures are drawn as the line will show them. ${figures.groups < n ? `The pictures come from ${counted(figures.groups, 'group')} only; pictures of one group are alike, so read the limits of rates as the narrowest possible. The limits of AUROC know the groups.` : ''}</p>`;
}

function drawWish(card: ModelCard, at: Figures['atThreshold']): Html | null {
  const asked = wishOf(card);
  if (asked === null) return null;
  const shown = describeReached(reachedAt(at, asked.wish), asked.wish);
  return html`<div class="note"><b>Wish:</b> ${describeWish(asked)}.<br><b>Shown here:</b> ${shown}.<br><b>Threshold:</b> ${at.threshold.toFixed(4)}, ${describeOrigin(card)}</div>`;
}

/** Where the threshold comes from. */
function describeOrigin({ oneClass, operatingReason }: ModelCard): string {
  const spread = operatingReason?.spread ?? null;
  const firm = spread === null ? '' : ` ${describeSpread(spread)}: where that is wide, few parts decide.`;
  if (oneClass === null) return `chosen on validation.${firm}`;
  const { beyond, pictures, groups } = oneClass.heldOut;
  return `where a picture is as strange as the limit: ${beyond} of ${pictures} good training pictures, held out by ${groups} groups, lie beyond it. No defect had a part in it, so that nothing is claimed of misses.`;
}

function describeInconclusive({ greyZone: [low, high], unfamiliar }: Figures['atThreshold']): string {
  const zone = low < high ? `grey zone ${low.toFixed(3)} to ${high.toFixed(3)}` : 'no grey zone';
  return unfamiliar === undefined ? zone : `${zone}, ${unfamiliar} unlike anything in training`;
}

function drawRanks(figures: Figures): Html {
  const { auroc, aurocInterval, averagePrecision, f1AtThreshold, maxF1, groups, n } = figures;
  if (auroc === null) return fact({ value: '–', about: 'AUROC: pictures of one kind alone cannot be ranked' });
  const limits = `${aurocInterval?.low.toFixed(3)} to ${aurocInterval?.high.toFixed(3)} (${aurocInterval?.method}${groups < n ? `, ${counted(groups, 'group')}` : ''})`;
  return html`${fact({ value: auroc.toFixed(4), about: `AUROC, 95 % limits ${limits}` })}
${fact({ value: averagePrecision?.toFixed(4) ?? '–', about: 'average precision' })}
${fact({ value: f1AtThreshold?.toFixed(3) ?? '–', about: `F1 at the threshold; the best threshold here would have ${maxF1?.toFixed(3)}` })}`;
}

function fact({ value, about, isWrong = false }: { value: string; about: string; isWrong?: boolean }): Html {
  return html`<div class="card${isWrong ? ' wrong' : ''}"><b>${value}</b><span>${about}</span></div>`;
}

function limits({ value, low, high }: Share): string {
  return value === null ? 'none to count' : `${percent(value)}, 95 % limits ${percent(low)} to ${percentUp(high)}`;
}
