import type { Region } from '#contracts';
import classes from './picture-view.module.css';
import type { ShownPicture } from './use-shown-frame.js';

/** Margin around the region in a close view, share of its longer side. */
const MARGIN = 0.12;

export interface PictureViewProps {
  readonly picture: ShownPicture;
  /** Pixels of the upright frame; null = the whole frame is inspected. */
  readonly roi: Region | null;
  readonly isClose?: boolean;
  readonly label: string;
}

/** A picture as large as its place allows, the inspected region framed and the rest darkened. */
export function PictureView({ picture: { url, width, height }, roi, isClose = false, label }: PictureViewProps) {
  const view = isClose && roi !== null ? widen(roi, { width, height }) : { x: 0, y: 0, width, height };
  return (
    <svg
      className={classes.view}
      viewBox={`${view.x} ${view.y} ${view.width} ${view.height}`}
      preserveAspectRatio="xMidYMid meet"
      role="img"
      aria-label={
        roi === null ? label : `${label}, inspected region ${roi.width} x ${roi.height} at ${roi.x}, ${roi.y}`
      }
    >
      <image href={url} width={width} height={height} />
      {roi !== null && <Roi roi={roi} width={width} height={height} />}
    </svg>
  );
}

function Roi({ roi: { x, y, width: w, height: h }, width, height }: { roi: Region; width: number; height: number }) {
  const outside = `M0 0H${width}V${height}H0Z M${x} ${y}V${y + h}H${x + w}V${y}Z`;
  return (
    <g data-testid="roi">
      <path d={outside} className={classes.outside} fillRule="evenodd" />
      <rect x={x} y={y} width={w} height={h} className={classes.under} vectorEffect="non-scaling-stroke" />
      <rect x={x} y={y} width={w} height={h} className={classes.frame} vectorEffect="non-scaling-stroke" />
    </g>
  );
}

function widen(roi: Region, picture: { width: number; height: number }): Region {
  const margin = MARGIN * Math.max(roi.width, roi.height);
  const x = Math.max(0, roi.x - margin);
  const y = Math.max(0, roi.y - margin);
  return {
    x,
    y,
    width: Math.min(picture.width, roi.x + roi.width + margin) - x,
    height: Math.min(picture.height, roi.y + roi.height + margin) - y,
  };
}
