import { Button, SegmentedControl } from '@mantine/core';
import { IconHistory } from '@tabler/icons-react';
import { useMemo, useState } from 'react';
import type { Region, Verdict } from '#contracts';
import { type Filter, listVerdicts, VERDICT_FILTERS, type VerdictFilter } from '../live/filter.js';
import type { LiveData } from '../live/live-state.js';
import { Panel } from './panel.js';
import { PartDetails } from './part-details.js';
import { PartTile } from './part-tile.js';
import classes from './parts-panel.module.css';
import { useHistory } from './use-history.js';
import { useOutcomeWords } from './use-outcome-words.js';

const LABELS: Record<Exclude<VerdictFilter, 'REJECT'>, string> = {
  FAIL: 'Fail',
  INCONCLUSIVE: 'Inconclusive',
  PASS: 'Pass',
  ALL: 'All',
};
/** Tiles shown live; more is what the search in past verdicts is for. */
const TILES = 60;

export interface PartsPanelProps {
  readonly data: LiveData;
  readonly filter: Filter;
  readonly onFilter: (filter: Filter) => void;
}

/** The last parts, rejects unless asked otherwise, with their pictures; older ones from the plant database. */
export function PartsPanel({ data, filter, onFilter }: PartsPanelProps) {
  const words = useOutcomeWords();
  const [opened, setOpened] = useState<Verdict | null>(null);
  const { recent, rejects } = data;
  const live = useMemo(() => listVerdicts({ recent, rejects }, filter).slice(0, TILES), [recent, rejects, filter]);
  const history = useHistory(filter);
  const known = new Set(live.map(({ frameId }) => frameId));
  const parts = [...live, ...history.verdicts.filter(({ frameId }) => !known.has(frameId))];
  const roiOf = (camera: string | undefined) => data.cameras.find(({ camera: name }) => name === camera)?.roi ?? null;
  return (
    <Panel
      title={filter.verdict === 'REJECT' ? words.lastRejects : 'Last parts'}
      tools={
        <SegmentedControl
          size="xs"
          aria-label="Verdict"
          value={filter.verdict}
          onChange={(verdict) => onFilter({ ...filter, verdict })}
          data={VERDICT_FILTERS.map((value) => ({ value, label: value === 'REJECT' ? words.rejects : LABELS[value] }))}
        />
      }
    >
      <div className={classes.scroll}>
        <ul className={classes.list} data-testid="parts">
          {parts.map((verdict) => (
            <li key={verdict.frameId}>
              <PartTile verdict={verdict} crop={cropOf(roiOf(verdict.camera))} onOpen={setOpened} />
            </li>
          ))}
        </ul>
        {parts.length === 0 && <p className={classes.none}>None yet.</p>}
        <div className={classes.more}>
          {history.error !== null && <p role="alert">{history.error}</p>}
          <Button
            variant="subtle"
            size="xs"
            leftSection={<IconHistory size="1rem" aria-hidden="true" />}
            loading={history.isLoading}
            disabled={!history.hasMore}
            onClick={() => history.load(parts.at(-1)?.ts.decided)}
          >
            {history.hasMore ? 'Older' : 'No older ones'}
          </Button>
        </div>
      </div>
      <PartDetails
        verdict={opened}
        roi={roiOf(opened?.camera)}
        isShadow={data.shadow}
        parts={parts}
        onOpen={setOpened}
      />
    </Panel>
  );
}

function cropOf(roi: Region | null): string | undefined {
  return roi === null ? undefined : `xywh(${roi.x}px ${roi.y}px ${roi.width}px ${roi.height}px)`;
}
