import sharp from 'sharp';
import { Dice } from './dice.js';

/** How one picture was taken. */
export interface Exposure {
  /** Gain over the whole picture, and of red against blue. */
  readonly gain: number;
  readonly warmth: number;
  /** Light falls off across the picture: gain per half diagonal along (x, y). */
  readonly slope: { readonly x: number; readonly y: number };
  /** Share of light missing in the corners. */
  readonly vignette: number;
  /** Standard deviation of the sensor's noise: constant part, and part growing with the root of the signal; grey levels. */
  readonly readNoise: number;
  readonly shotNoise: number;
  /** Standard deviation of the lens blur, pixels. */
  readonly blurPx: number;
  /** JPEG quality, 1-100. */
  readonly quality: number;
}

/**
 * Take the picture: render the scene, then lens, light, sensor and JPEG.
 * @param svg a scene of `width` x `height` pixels
 * @returns a JPEG file
 */
export async function expose(
  svg: string,
  options: { dice: Dice; exposure: Exposure; width: number; height: number },
): Promise<Buffer> {
  const { dice, exposure, width, height } = options;
  const pixels = await sharp(Buffer.from(svg)).removeAlpha().blur(exposure.blurPx).raw().toBuffer();
  addLightAndNoise(pixels, { dice, exposure, width, height });
  return sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: exposure.quality })
    .toBuffer();
}

/** Normal numbers drawn once (Box-Muller) and looked up: a picture needs a quarter of a million of them. */
const NORMAL = drawNormals(1024);

function drawNormals(count: number): Float32Array {
  const dice = new Dice('sensor noise');
  return Float32Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - dice.between(0, 1))) * Math.cos(dice.between(0, 2 * Math.PI)),
  );
}

function addLightAndNoise(
  pixels: Buffer,
  { dice, exposure, width, height }: { dice: Dice; exposure: Exposure; width: number; height: number },
): void {
  const { gain, warmth, slope, vignette, readNoise, shotNoise } = exposure;
  const gains = [gain * (1 + warmth), gain, gain * (1 - warmth)] as const;
  const noise = Float32Array.from({ length: 256 }, (_, grey) => Math.hypot(readNoise, shotNoise * Math.sqrt(grey)));
  let at = 0;
  for (let row = 0; row < height; row++) {
    const y = (2 * row) / height - 1;
    for (let column = 0; column < width; column++) {
      const x = (2 * column) / width - 1;
      const light = (1 + slope.x * x + slope.y * y) * (1 - (vignette * (x * x + y * y)) / 2);
      const bits = dice.bits();
      for (let channel = 0; channel < 3; channel++) {
        const signal = (pixels[at] ?? 0) * light * (gains[channel] ?? 1);
        const random = NORMAL[(bits >>> (channel * 10)) & 1023] ?? 0;
        const grey = signal + random * (noise[Math.min(255, signal | 0)] ?? 0);
        pixels[at++] = grey < 0 ? 0 : grey > 255 ? 255 : grey + 0.5;
      }
    }
  }
}
