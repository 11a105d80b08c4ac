import { Dice } from './dice.js';
import { DEFECT_CLASSES, type DefectClass, type Flaw } from './draw-flaw.js';
import { drawPart } from './draw-part.js';
import { drawTape, type View } from './draw-tape.js';
import { type Exposure, expose } from './expose.js';
import { type Lot, makeLot } from './lot.js';

/** Size of every picture the simulated camera takes, pixels. */
export const PICTURE_WIDTH = 320;
export const PICTURE_HEIGHT = 240;

/** A run of parts: the same words give the same parts, byte for byte. */
export interface PartSeries {
  /** Keeps apart what must not share a lot: `sample` for training sets, `line` for what is inspected. */
  readonly series: 'sample' | 'line';
  readonly seed: number;
  /** Share of defective parts, 0-1. */
  readonly defectShare: number;
  /** Parts per lot. */
  readonly lotSize: number;
}

/** What is true of a part, whatever a camera sees. */
export interface PartTruth {
  readonly partId: string;
  readonly lot: string;
  readonly truth: 'good' | 'defect';
  /** null on a good part. */
  readonly defectClass: DefectClass | null;
  /** 0 on a good part; 0.4-1 on a defective one. From about 0.3 on a person sees it. */
  readonly severity: number;
}

export interface Part extends PartTruth {
  /** JPEG, 320 x 240. */
  readonly picture: Buffer;
}

/** Least severity made: below it a defect is a matter of opinion and its label would be noise. */
const LEAST_SEVERITY = 0.4;
/** Magnification of the scene: the pocket fills most of the picture, as an inspection camera is set up. */
const ZOOM = 1.3;

/** The part with this number, from 0; any number can be asked for without the ones before it. */
export async function makePart(series: PartSeries, number: number): Promise<Part> {
  const lotNumber = Math.floor(number / series.lotSize);
  const lot = makeLot({ series: series.series, seed: series.seed, number: lotNumber });
  const dice = new Dice('part', series.series, series.seed, number);
  const flaw = chooseFlaw(dice, series.defectShare);
  const picture = await takePicture(dice, lot, flaw);
  return {
    partId: `${lot.id}-P${String(number % series.lotSize).padStart(4, '0')}`,
    lot: lot.id,
    truth: flaw === null ? 'good' : 'defect',
    defectClass: flaw?.defectClass ?? null,
    severity: flaw?.severity ?? 0,
    picture,
  };
}

function chooseFlaw(dice: Dice, defectShare: number): Flaw | null {
  if (!dice.chance(defectShare)) return null;
  return { defectClass: dice.pick(DEFECT_CLASSES), severity: dice.between(LEAST_SEVERITY, 1) };
}

/** One picture of a component with this flaw, in a pose and light of its own. */
export async function takePicture(dice: Dice, lot: Lot, flaw: Flaw | null): Promise<Buffer> {
  const angle = lot.lightAngle + dice.between(-0.35, 0.35);
  const light = { x: Math.cos(angle), y: Math.sin(angle) };
  const view: View = {
    width: PICTURE_WIDTH,
    height: PICTURE_HEIGHT,
    pocket: { x: 186 + dice.between(-5, 5), y: PICTURE_HEIGHT / 2 + dice.between(-5, 5) },
    light,
  };
  const scene = drawTape(dice, lot, view) + drawPart(dice, lot, { view, flaw });
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${view.width}" height="${view.height}"><g transform="translate(${view.pocket.x.toFixed(1)} ${view.pocket.y.toFixed(1)}) rotate(${dice.between(-1.2, 1.2).toFixed(2)}) scale(${ZOOM}) translate(${(-view.pocket.x).toFixed(1)} ${(-view.pocket.y).toFixed(1)})">${scene}</g></svg>`;
  const exposure: Exposure = {
    gain: lot.exposure * dice.between(0.93, 1.07),
    warmth: lot.warmth + dice.between(-0.02, 0.02),
    slope: { x: light.x * dice.between(0.03, 0.16), y: light.y * dice.between(0.03, 0.16) },
    vignette: dice.between(0.05, 0.28),
    readNoise: dice.between(0.8, 2),
    shotNoise: dice.between(0.05, 0.25),
    blurPx: dice.between(0.4, 0.75),
    quality: dice.whole(78, 93),
  };
  return expose(svg, { dice, exposure, width: view.width, height: view.height });
}
