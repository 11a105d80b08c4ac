import { ActionIcon, Group, Modal } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconArrowLeft, IconArrowRight } from '@tabler/icons-react';
import { useRef } from 'react';
import type { Region, Verdict } from '#contracts';
import { explainVerdict } from '../live/words.js';
import classes from './part-details.module.css';
import { PartFacts } from './part-facts.js';
import { PartOverrides } from './part-overrides.js';
import { PartPicture } from './part-picture.js';
import { ScoreBar } from './score-bar.js';
import { useOutcomeWords } from './use-outcome-words.js';
import { toneOf, VerdictIcon } from './verdict-look.js';

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
  // While it closes it shows what it showed.
  const last = useRef(opened);
  if (opened !== null) last.current = opened;
  const { verdict = null, parts = [] } = last.current ?? {};
  const row = parts.findIndex(({ frameId }) => frameId === verdict?.frameId);
  const newer = row > 0 ? parts[row - 1] : undefined;
  const older = row >= 0 ? parts[row + 1] : undefined;
  const step = (to: Verdict | undefined): void => {
    if (opened !== null && to !== undefined) onOpen({ verdict: to, parts });
  };
  useHotkeys([
    ['ArrowLeft', () => step(newer)],
    ['ArrowRight', () => step(older)],
  ]);
  return (
    // Mounted all the time, so that the keyboard goes back to where it was.
    <Modal
      opened={opened !== null}
      onClose={() => onOpen(null)}
      size="min(80rem, 94vw)"
      title={verdict && <Title verdict={verdict} isStale={isStale} />}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {verdict && (
        <div className={classes.body}>
          <div className={classes.left}>
            <PartPicture key={verdict.frameId} frameId={verdict.frameId} roi={roi} />
            <ScoreBar verdict={verdict} />
            <Group justify="center" gap="xs">
              <Step
                label="Newer part"
                to={newer}
                onStep={step}
                icon={<IconArrowLeft size="1.1rem" aria-hidden="true" />}
              />
              <Step
                label="Older part"
                to={older}
                onStep={step}
                icon={<IconArrowRight size="1.1rem" aria-hidden="true" />}
              />
            </Group>
            {!isShadow && <PartOverrides key={verdict.frameId} verdict={verdict} />}
          </div>
          <PartFacts verdict={verdict} />
        </div>
      )}
    </Modal>
  );
}

function Title({ verdict, isStale }: { verdict: Verdict; isStale: boolean }) {
  const { besideVerdict } = useOutcomeWords();
  return (
    <span className={classes.title} data-tone={toneOf(verdict.verdict)}>
      <VerdictIcon verdict={verdict.verdict} /> {verdict.verdict}
      <span className={classes.why}>{explainVerdict(verdict)}</span>
      {besideVerdict && <span className={classes.outcome}>{besideVerdict[verdict.verdict]}</span>}
      <span className={classes.outcome}>
        {verdict.partId ?? verdict.frameId} · {verdict.camera}
      </span>
      {isStale && (
        <span className={classes.stale} role="status">
          Stale: this page hears nothing from the line
        </span>
      )}
    </span>
  );
}

interface StepProps {
  readonly label: string;
  readonly to: Verdict | undefined;
  readonly onStep: (to: Verdict | undefined) => void;
  readonly icon: React.ReactNode;
}

function Step({ label, to, onStep, icon }: StepProps) {
  return (
    <ActionIcon variant="default" size="lg" aria-label={label} disabled={to === undefined} onClick={() => onStep(to)}>
      {icon}
    </ActionIcon>
  );
}
