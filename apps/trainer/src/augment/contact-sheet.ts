import { extname } from 'node:path';
import sharp, { type FormatEnum, type OverlayOptions } from 'sharp';
import { InputError, InvariantError } from '#contracts';
import type { Preprocess } from '#model/card';
import { verifyPictures } from '#model/dataset/pictures';
import { readSample } from '#model/dataset/read-sample';
import { GOOD, type Sample } from '#model/dataset/sample';
import { splitDataset } from '#model/dataset/split';
import { preparePicture } from '#model/preprocess/preprocess';
import { findWeights } from '#model/weights/store';
import { type DataChoice, readChosen } from '../data-choice.js';
import { MAX_PIXELS } from '../limits.js';
import type { Plan } from '../plan/plan.js';
import { preprocessOf } from '../plan/preprocess-of.js';
import { writeWhole } from '../write-whole.js';
import { renderVariant } from './render-variant.js';
import { type Variant, variantsOf } from './variants.js';

export interface SheetRequest extends DataChoice {
  readonly plan: Plan;
  /** A `.webp`, `.png` or `.jpg` file. */
  readonly out: string;
  /** Training pictures on the sheet. */
  readonly count: number;
  readonly weightsDir: string;
}

export interface ContactSheet {
  readonly pictures: number;
  readonly variants: number;
  readonly width: number;
  readonly height: number;
}

/** One tile of a picture in all its variants. */
interface Row {
  readonly caption: string;
  readonly cells: readonly Uint8Array[];
}

/** By the ending of the file. */
const FORMATS: Readonly<Record<string, keyof FormatEnum>> = {
  '.webp': 'webp',
  '.png': 'png',
  '.jpg': 'jpeg',
  '.jpeg': 'jpeg',
};
const GAP = 8;
const LINE = 18;
/** Longest side of a WebP. */
const MOST_PIXELS = 16_383;

/**
 * Draw training pictures with all their variants as one labelled grid: the pixels that go into the network, made by the
 * functions that training calls.
 * @throws InputError SHEET_FORMAT | SHEET_SIZE; as `readChosen`, `splitDataset` and `verifyPictures` say
 */
export async function writeContactSheet(request: SheetRequest): Promise<ContactSheet> {
  const { plan, out } = request;
  const format = FORMATS[extname(out).toLowerCase()];
  if (format === undefined)
    throw new InputError('SHEET_FORMAT', `${out}: expected a file that ends in ${Object.keys(FORMATS).join(', ')}.`);
  const samples = await chooseSamples(request);
  const preprocess = preprocessOf(plan, (await findWeights(plan.weights, request.weightsDir)).backbone);
  const { augment, seed } = plan;
  const variants = variantsOf(augment, { seed, epoch: augment.cache === 'on' ? null : 1 });
  const layout = layOut({ preprocess, rows: samples.length, columns: variants.length });
  const rows: Row[] = [];
  for (const sample of samples) rows.push(...(await renderRows(sample, { plan, preprocess, variants })));
  const cells = rows.flatMap(({ cells }, row) =>
    cells.map(
      (data, column): OverlayOptions => ({ ...layout.at(row, column), input: Buffer.from(data), raw: layout.raw }),
    ),
  );
  const { width, height } = layout;
  const words = Buffer.from(lettering({ rows, variants, layout }));
  const sheet = await sharp({ create: { width, height, channels: 3, background: '#fff' } })
    .composite([...cells, { input: words, left: 0, top: 0 }])
    .removeAlpha()
    .toFormat(format)
    .toBuffer();
  await writeWhole(out, sheet);
  return { pictures: samples.length, variants: variants.length, width, height };
}

/** Training pictures, good and defective in turn, spread over each. */
async function chooseSamples(request: SheetRequest): Promise<readonly Sample[]> {
  const named = await readChosen(request, request.plan);
  const { train } = splitDataset(named, request.plan);
  const sides = [true, false].map((isGood) => train.filter(({ label }) => (label === GOOD) === isGood));
  const chosen = sides.flatMap((side, i) => {
    const wanted = Math.min(side.length, Math.ceil((request.count - i) / 2));
    return Array.from({ length: wanted }, (_, at) => side[Math.floor((at * side.length) / wanted)] as Sample);
  });
  return (await verifyPictures({ ...named, samples: chosen }, { ...request.plan, maxPixels: MAX_PIXELS })).samples;
}

async function renderRows(
  sample: Sample,
  { plan, preprocess, variants }: { plan: Plan; preprocess: Preprocess; variants: readonly Variant[] },
): Promise<Row[]> {
  const { sha256 } = sample;
  if (sha256 === undefined) throw new InvariantError(`Picture ${sample.path} was not hashed.`);
  const picture = await preparePicture(await readSample(sample), { preprocess, maxPixels: MAX_PIXELS });
  const length = picture.data.length / picture.tiles;
  return Promise.all(
    Array.from({ length: picture.tiles }, async (_, tile) => {
      const pixels = { ...picture, data: picture.data.subarray(tile * length, (tile + 1) * length) };
      const cells = variants.map((variant) =>
        renderVariant(pixels, { variant, augment: plan.augment, pictureSha256: sha256 }),
      );
      const place = picture.tiles > 1 ? `, tile ${tile + 1} of ${picture.tiles}` : '';
      return { caption: `${sample.label}: ${sample.path}${place}`, cells: await Promise.all(cells) };
    }),
  );
}

interface Layout {
  readonly width: number;
  readonly height: number;
  readonly raw: { readonly width: number; readonly height: number; readonly channels: 3 };
  at(row: number, column: number): { left: number; top: number };
}

/** @throws InputError SHEET_SIZE */
function layOut({
  preprocess: { resize, tiles },
  rows,
  columns,
}: {
  preprocess: Preprocess;
  rows: number;
  columns: number;
}): Layout {
  const [stepX, stepY] = [resize.width + GAP, resize.height + LINE + GAP];
  const width = GAP + columns * stepX;
  const height = LINE + GAP + rows * tiles.columns * tiles.rows * stepY;
  if (Math.max(width, height) > MOST_PIXELS)
    throw new InputError(
      'SHEET_SIZE',
      `The sheet would have ${width} x ${height} pixels, at most ${MOST_PIXELS} fit on a side. Ask for fewer pictures or variants.`,
    );
  return {
    width,
    height,
    raw: { width: resize.width, height: resize.height, channels: 3 },
    at: (row, column) => ({ left: GAP + column * stepX, top: 2 * LINE + row * stepY }),
  };
}

function lettering({
  rows,
  variants,
  layout,
}: {
  rows: readonly Row[];
  variants: readonly Variant[];
  layout: Layout;
}): string {
  const { width, height, at } = layout;
  const write = (text: string, place: { left: number; top: number }) =>
    `<text x="${place.left}" y="${place.top - 5}">${escapeXml(text)}</text>`;
  const heads = variants.map(({ orientation, isDrawn }, column) =>
    write(isDrawn ? `${column}: ${orientation}, changed at random` : `${column}: ${orientation}`, {
      ...at(0, column),
      top: LINE,
    }),
  );
  const captions = rows.map(({ caption }, row) => write(caption, at(row, 0)));
  const style = 'font-family="sans-serif" font-size="12" fill="#222"';
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><g ${style}>${[...heads, ...captions].join('')}</g></svg>`;
}

function escapeXml(text: string): string {
  return text.replace(/[&<>]/g, (char) => `&#${char.charCodeAt(0)};`);
}
