import sharp from 'sharp';
import { Dice } from '../../../../simulator/src/part/dice.js';
import { makePart } from '../../../../simulator/src/part/part.js';

/** Levels by which a sensor of 8 bits errs, either way. */
const NOISE = 5;
/** As machine vision cameras are set: detail matters, the network's cable does not. */
const QUALITY = 90;

export interface FrameOrder {
  readonly count: number;
  readonly width: number;
  readonly height: number;
}

/** Pictures as an inspection camera sends them: simulated parts of good quality, each with a sensor's noise, as JPEG. */
export function makeFrames({ count, width, height }: FrameOrder): Promise<Buffer[]> {
  const parts = { series: 'line', seed: 1, defectShare: 0, lotSize: 100 } as const;
  return Promise.all(
    Array.from({ length: count }, async (_, number) => {
      const { picture } = await makePart(parts, number);
      const size = { width, height };
      const data = await sharp(picture)
        .resize({ ...size, fit: 'fill' })
        .removeAlpha()
        .raw()
        .toBuffer();
      addNoise(data, new Dice('frame', number));
      return sharp(data, { raw: { ...size, channels: 3 } })
        .jpeg({ quality: QUALITY })
        .toBuffer();
    }),
  );
}

/** The same on all three channels of a pixel, as a change of light is. */
function addNoise(data: Buffer, dice: Dice): void {
  for (let at = 0; at < data.length; at += 3) {
    const noise = Math.round(((dice.bits() & 0xff) / 127.5 - 1) * NOISE);
    for (let i = at; i < at + 3; i++) data[i] = Math.min(255, Math.max(0, (data[i] ?? 0) + noise));
  }
}
