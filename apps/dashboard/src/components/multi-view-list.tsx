import { useCallback, useRef, useState } from 'react';
import type { LiveParts, PartVerdict } from '#contracts';
import { PARTS } from '../live/kinds.js';
import type { FrameListProps } from './frame-list.js';
import { MultiViewDetails, type OpenedMultiView } from './multi-view-details.js';
import classes from './multi-view-list.module.css';
import { MultiViewRow } from './multi-view-row.js';
import { OlderButton } from './older-button.js';
import { useListed } from './use-listed.js';

export interface MultiViewListProps extends FrameListProps {
  readonly parts: LiveParts;
}

/** Parts of several views, each with what its views said; one opens its details. */
export function MultiViewList({ data, view, wanted, parts }: MultiViewListProps) {
  const [opened, setOpened] = useState<OpenedMultiView | null>(null);
  const history = useListed(PARTS, parts, wanted);
  const { records } = history;
  const rows = useRef(records);
  rows.current = records;
  const open = useCallback((part: PartVerdict) => setOpened({ part, parts: rows.current }), []);
  return (
    <>
      <ul className={classes.list} data-testid="multi-view-parts">
        {records.map((part) => (
          <li key={part.inspection}>
            <MultiViewRow part={part} today={view.today} onOpen={open} />
          </li>
        ))}
      </ul>
      <OlderButton history={history} search={wanted.search} />
      <MultiViewDetails
        opened={opened}
        cameras={data.cameras}
        isShadow={data.shadow}
        isStale={view.isStale}
        onOpen={setOpened}
      />
    </>
  );
}
