import { InputError } from '#contracts';
import type { Backbone } from '../backbones/backbone.js';
import { CENTRED_COLOURS, IMAGENET_COLOURS } from '../backbones/variant.js';
import type { Normalise } from '../card.js';
import type { ProvenLayout } from './layouts.js';

/** Scalings that have a name; timm's `mean` and `std` are 0.485, 0.456, 0.406 and 0.229, 0.224, 0.225, or 0.5 throughout. */
const NAMED: Readonly<Record<string, Normalise>> = {
  imagenet: IMAGENET_COLOURS,
  'minus-one-to-one': CENTRED_COLOURS,
};
const WAYS = `${Object.keys(NAMED).join(', ')}, or mean and deviation of 0..1 as 0.485,0.456,0.406/0.229,0.224,0.225`;

/** What a network reads, and who says so: the file, its library, or whoever imports it. */
export interface Colours {
  readonly normalise: Normalise;
  readonly colours: 'file' | 'library' | 'import';
}

/**
 * How the network of a checkpoint reads colours. Nothing is taken for granted where a library publishes the same file for
 * several scalings, and nothing can be stated against what a file says itself.
 * @param stated a name, or `r,g,b/r,g,b`: mean and deviation of pictures 0..1
 * @throws InputError WEIGHTS_COLOURS
 */
export function chooseColours(
  { name, variant, normalise, channels, layers }: Backbone,
  { row, stated }: { row: Pick<ProvenLayout, 'isColourOpen'>; stated: string | undefined },
): Colours {
  const isInFile = layers.some(({ kind }) => kind === 'normalization');
  if (stated === undefined) {
    if (row.isColourOpen) throw refused(`${variant} files of ${name} come with several scalings and tell none`);
    return { normalise, colours: isInFile ? 'file' : 'library' };
  }
  if (isInFile || channels === 'bgr') {
    const told = isInFile ? 'the file says how it scales colours' : 'its library has one scaling, blue first';
    throw new InputError('WEIGHTS_COLOURS', `${name} (${variant}): ${told}. Leave --colours out.`);
  }
  return { normalise: parseColours(stated), colours: 'import' };
}

/** @throws InputError WEIGHTS_COLOURS */
function parseColours(text: string): Normalise {
  const named = NAMED[text];
  if (named !== undefined) return named;
  const [mean, std, ...others] = text.split('/').map(parseThree);
  if (!mean || !std || others.length > 0 || std.includes(0))
    throw refused(`--colours ${text} is no scaling of pictures 0..1`);
  return { mean, std };
}

/** Three shares of full brightness as numbers in 0..255; null where they are none. */
function parseThree(text: string): [number, number, number] | null {
  const shares = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
  const [red = 0, green = 0, blue = 0] = shares;
  if (shares.length !== 3 || !shares.every((share) => share >= 0 && share <= 1)) return null;
  return [255 * red, 255 * green, 255 * blue];
}

function refused(why: string): InputError {
  const ask = 'Pass what the weights were trained with (timm: mean and std in config.json) as --colours';
  return new InputError('WEIGHTS_COLOURS', `${why}. ${ask}: ${WAYS}.`);
}
