import { Modal } from '@mantine/core';
import { useRef, useState } from 'react';
import type { LiveCamera, Override, PartVerdict, Verdict } from '#contracts';
import { explainPart } from '../live/words.js';
import { DetailsTitle } from './details-title.js';
import { regionOf } from './frame-list.js';
import classes from './multi-view-details.module.css';
import { MultiViewFacts } from './multi-view-facts.js';
import { PartDetails } from './part-details.js';
import layout from './part-details.module.css';
import { PartOverrides } from './part-overrides.js';
import { PartSteps } from './part-steps.js';
import { useViews } from './use-views.js';
import { ViewTile } from './view-tile.js';

/** A part of several views, and those that were listed with it when it was opened, newest first. */
export interface OpenedMultiView {
  readonly part: PartVerdict;
  readonly parts: readonly PartVerdict[];
}

export interface MultiViewDetailsProps {
  readonly opened: OpenedMultiView | null;
  readonly cameras: readonly LiveCamera[];
  /** A shadow's verdicts count for nothing: there is nothing to decide about them. */
  readonly isShadow: boolean;
  readonly isStale: boolean;
  readonly onOpen: (opened: OpenedMultiView | null) => void;
}

/** Everything about one part of several views: its views with their pictures, each of which opens, and what people decided. */
export function MultiViewDetails({ opened, cameras, isShadow, isStale, onOpen }: MultiViewDetailsProps) {
  // While it closes it shows what it showed.
  const last = useRef(opened);
  if (opened !== null) last.current = opened;
  const { part = null, parts = [] } = last.current ?? {};
  const [view, setView] = useState<Verdict | null>(null);
  const verdicts = useViews(opened === null ? null : opened.part.inspection);
  const isShown = opened !== null && view === null;
  return (
    <>
      <Modal
        opened={isShown}
        onClose={() => onOpen(null)}
        size="min(80rem, 94vw)"
        title={
          part && (
            <DetailsTitle verdict={part.verdict} why={explainPart(part)} notes={[part.partId]} isStale={isStale} />
          )
        }
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {part && (
          <div className={layout.body}>
            <div className={layout.left}>
              <ul className={classes.views} aria-label="Views">
                {part.views.map((each) => (
                  <li key={each.view}>
                    <ViewTile
                      view={each}
                      verdict={verdicts?.find(({ frameId }) => frameId === each.frameId) ?? null}
                      roi={regionOf(cameras, each.camera)}
                      onOpen={setView}
                    />
                  </li>
                ))}
              </ul>
              <PartSteps
                items={parts}
                row={parts.findIndex(({ inspection }) => inspection === part.inspection)}
                isActive={isShown}
                onStep={(to) => onOpen({ part: to, parts })}
              />
              {!isShadow && (
                <PartOverrides
                  key={part.inspection}
                  of={{ inspection: part.inspection }}
                  challenge={part.challenge}
                  labels={labelsOf(verdicts ?? [])}
                  sayPlace={(override) => sayView(part, override)}
                />
              )}
            </div>
            <MultiViewFacts part={part} />
          </div>
        )}
      </Modal>
      <PartDetails
        opened={view && { verdict: view, parts: [view] }}
        roi={regionOf(cameras, view?.camera)}
        isShadow={isShadow}
        isStale={isStale}
        onOpen={(next) => setView(next?.verdict ?? null)}
      />
    </>
  );
}

function labelsOf(verdicts: readonly Verdict[]): string[] {
  return [...new Set(verdicts.flatMap(({ scores }) => Object.keys(scores ?? {})))];
}

/** A word may be said of one view alone. */
function sayView({ views }: PartVerdict, { frameId }: Override): string {
  return frameId === null ? '' : `, for view ${views.find((view) => view.frameId === frameId)?.view ?? frameId}`;
}
