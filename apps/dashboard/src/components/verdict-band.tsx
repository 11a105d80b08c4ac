import { IconAlertTriangleFilled, IconAntennaBarsOff, IconHourglassLow } from '@tabler/icons-react';
import type { LiveCamera, Verdict } from '#contracts';
import { ageMs, type CameraCondition } from '../live/freshness.js';
import { explainReason, explainVerdict, formatAgo, formatClass, NOT_READY_WORDS } from '../live/words.js';
import { useOutcomeWords } from './use-outcome-words.js';
import classes from './verdict-band.module.css';
import { toneOf, VerdictIcon } from './verdict-look.js';

export interface VerdictBandProps {
  readonly camera: LiveCamera;
  readonly verdict: Verdict | null;
  readonly condition: CameraCondition;
  readonly isFresh: boolean;
  readonly serverMs: number | null;
}

/** The word of the moment, to be read from 3 m. Coloured only while it is true of the part in front of the camera. */
export function VerdictBand({ camera, verdict, condition, isFresh, serverMs }: VerdictBandProps) {
  const beside = useOutcomeWords().beside(camera.camera);
  if (condition === 'unknown') {
    return (
      <Band tone="none" icon={<IconAntennaBarsOff size="1em" aria-hidden="true" />} word="NO DATA">
        This page hears nothing
      </Band>
    );
  }
  if (condition === 'not-ready') {
    const { reason, detail } = camera.state;
    return (
      <Band tone="alarm" icon={<IconAlertTriangleFilled size="1em" aria-hidden="true" />} word="NOT READY">
        {reason === null ? '' : NOT_READY_WORDS[reason]} {detail !== null && <small>{detail}</small>}
      </Band>
    );
  }
  if (verdict === null) {
    return (
      <Band tone="none" icon={<IconHourglassLow size="1em" aria-hidden="true" />} word="WAITING">
        No part inspected yet
      </Band>
    );
  }
  const age = isFresh ? null : `last part, ${formatAgo(ageMs(verdict.ts.decided, serverMs))}`;
  return (
    <Band
      tone={isFresh ? toneOf(verdict.verdict) : 'none'}
      icon={<VerdictIcon verdict={verdict.verdict} />}
      word={verdict.verdict}
    >
      {verdict.reason === 'MODEL' && verdict.defectClass === null ? '' : explainVerdict(verdict)}
      {beside && <small>{beside[verdict.verdict]}</small>}
      <small>{age ?? explainFurther(verdict)}</small>
    </Band>
  );
}

/** What stands small below the explanation: why else a defect was rejected, or what an undecided part looks most like. */
function explainFurther(verdict: Verdict): string {
  const { defectClass, reason } = verdict;
  if (defectClass === null) return '';
  if (verdict.verdict === 'INCONCLUSIVE') return `most like ${formatClass(defectClass)}`;
  return reason === 'MODEL' ? '' : explainReason(verdict);
}

interface BandProps {
  readonly tone: 'pass' | 'fail' | 'inconclusive' | 'alarm' | 'none';
  readonly icon: React.ReactNode;
  readonly word: string;
  readonly children: React.ReactNode;
}

function Band({ tone, icon, word, children }: BandProps) {
  return (
    <div className={classes.band} data-tone={tone} data-word={word} data-testid="verdict">
      <strong className={classes.word}>
        {icon}
        {word}
      </strong>
      <p className={classes.why}>{children}</p>
    </div>
  );
}
