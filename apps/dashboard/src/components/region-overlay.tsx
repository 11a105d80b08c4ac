import type { Region } from '#contracts';
import classes from './region-overlay.module.css';

export interface RegionOverlayProps {
  /** Pixels of the upright frame; null = the whole frame is inspected. */
  readonly roi: Region | null;
  readonly width: number;
  readonly height: number;
}

/** The inspected region: framed, and the rest of the picture darkened. Lies over an `object-fit: contain` picture. */
export function RegionOverlay({ roi, width, height }: RegionOverlayProps) {
  if (roi === null) return null;
  const { x, y, width: w, height: h } = roi;
  const outside = `M0 0H${width}V${height}H0Z M${x} ${y}V${y + h}H${x + w}V${y}Z`;
  return (
    <svg
      className={classes.overlay}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
      role="img"
      aria-label={`Region of interest ${w} x ${h} pixels at ${x}, ${y}`}
    >
      <path d={outside} className={classes.outside} fillRule="evenodd" />
      <rect x={x} y={y} width={w} height={h} className={classes.under} vectorEffect="non-scaling-stroke" />
      <rect x={x} y={y} width={w} height={h} className={classes.frame} vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
