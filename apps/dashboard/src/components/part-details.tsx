import { Modal } from '@mantine/core';
import { useRef } from 'react';
import type { Region, Verdict } from '#contracts';
import { explainVerdict } from '../live/words.js';
import { DetailsTitle } from './details-title.js';
import classes from './part-details.module.css';
import { PartFacts } from './part-facts.js';
import { PartOverrides } from './part-overrides.js';
import { PartPicture } from './part-picture.js';
import { PartSteps } from './part-steps.js';
import { ScoreBar } from './score-bar.js';
import { useOutcomeWords } from './use-outcome-words.js';

/** A part, and those that were listed with it when it was opened, newest first: steps do not depend on what comes meanwhile. */
export interface OpenedPart {
  readonly verdict: Verdict;
  readonly parts: readonly Verdict[];
}

export interface PartDetailsProps {
  readonly opened: OpenedPart | null;
  /** The camera's region now; the picture is drawn with it. */
  readonly roi: Region | null;
  /** A shadow's verdicts count for nothing: there is nothing to decide about them. */
  readonly isShadow: boolean;
  /** The page behind hears nothing: its banner is covered. */
  readonly isStale: boolean;
  readonly onOpen: (opened: OpenedPart | null) => void;
}

/** Everything about one part: large picture, scores, identity, times, and what people decided. Arrow keys step to newer and older parts. */
export function PartDetails({ opened, roi, isShadow, isStale, onOpen }: PartDetailsProps) {
  const words = useOutcomeWords();
  // While it closes it shows what it showed.
  const last = useRef(opened);
  if (opened !== null) last.current = opened;
  const { verdict = null, parts = [] } = last.current ?? {};
  const beside = verdict && words.beside(verdict.camera)?.[verdict.verdict];
  return (
    // Mounted all the time, so that the keyboard goes back to where it was.
    <Modal
      opened={opened !== null}
      onClose={() => onOpen(null)}
      size="min(80rem, 94vw)"
      title={
        verdict && (
          <DetailsTitle
            verdict={verdict.verdict}
            why={explainVerdict(verdict)}
            notes={[...(beside ? [beside] : []), `${verdict.partId ?? verdict.frameId} · ${verdict.camera}`]}
            isStale={isStale}
          />
        )
      }
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {verdict && (
        <div className={classes.body}>
          <div className={classes.left}>
            <PartPicture key={verdict.frameId} frameId={verdict.frameId} roi={roi} />
            <ScoreBar verdict={verdict} />
            <PartSteps
              items={parts}
              row={parts.findIndex(({ frameId }) => frameId === verdict.frameId)}
              isActive={opened !== null}
              onStep={(to) => onOpen({ verdict: to, parts })}
            />
            {!isShadow && (
              <PartOverrides
                key={verdict.frameId}
                of={{ frameId: verdict.frameId }}
                challenge={verdict.challenge}
                labels={Object.keys(verdict.scores ?? {})}
                sayPlace={({ inspection }) => (inspection === null ? '' : ', for the whole part')}
              />
            )}
          </div>
          <PartFacts verdict={verdict} />
        </div>
      )}
    </Modal>
  );
}
