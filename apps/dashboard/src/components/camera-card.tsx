import type { LiveCamera } from '#contracts';
import { ageMs, isVerdictFresh } from '../live/freshness.js';
import { formatAgo, formatCount, formatPlace } from '../live/words.js';
import type { View } from '../view.js';
import classes from './camera-card.module.css';
import { ConditionBadge } from './condition-badge.js';
import { FramePicture } from './frame-picture.js';
import { ScoreBar } from './score-bar.js';
import { useShownFrame } from './use-shown-frame.js';
import { VerdictBand } from './verdict-band.js';

export interface CameraCardProps {
  readonly camera: LiveCamera;
  readonly view: View;
  /** One of several: its picture shows the inspected region from close by. */
  readonly isClose: boolean;
}

/** One camera: its picture and the verdict on that picture, its state, and how long ago a model really looked. */
export function CameraCard({ camera, view, isClose }: CameraCardProps) {
  const { verdict, picture } = useShownFrame(camera);
  const condition = view.conditionOf(camera);
  const isFresh = verdict !== null && isVerdictFresh(verdict, condition, view.serverMs);
  return (
    <article className={classes.card} aria-label={`Camera ${camera.camera}`} data-fresh={isFresh}>
      <div className={classes.head}>
        <h2 className={classes.name} title={camera.camera}>
          {camera.camera}
        </h2>
        <p className={classes.sub} title={camera.state.model ?? undefined}>
          {camera.state.recipe ?? 'no recipe'} · {camera.state.model ?? 'no model'}
        </p>
        <ConditionBadge camera={camera} condition={condition} serverMs={view.serverMs} />
      </div>
      <FramePicture picture={picture} roi={camera.roi} verdict={verdict} isClose={isClose} isDimmed={!isFresh} />
      <VerdictBand camera={camera} verdict={verdict} condition={condition} isFresh={isFresh} serverMs={view.serverMs} />
      <ScoreBar verdict={verdict} isDimmed={!isFresh} />
      <dl className={classes.facts}>
        <Fact label="Last inference" value={formatAgo(ageMs(camera.lastInferenceTs, view.serverMs))} />
        <Fact label="p99" value={camera.p99Ms === null ? '–' : `${Math.round(camera.p99Ms)} ms`} />
        <Fact isMinor label="Window" value={`${camera.deadlineMs} ms`} />
        <Fact isMinor label="Runtime" value={formatPlace(camera.state.place ?? null)} />
        <Fact label="Queue" value={formatCount(camera.queue)} />
        <Fact isMinor label="Accepted" value={formatCount(camera.counts.accepted)} />
      </dl>
    </article>
  );
}

function Fact({ label, value, isMinor = false }: { label: string; value: string; isMinor?: boolean }) {
  return (
    <div data-minor={isMinor}>
      <dt className={classes.label}>{label}</dt>
      <dd className={classes.value}>{value}</dd>
    </div>
  );
}
