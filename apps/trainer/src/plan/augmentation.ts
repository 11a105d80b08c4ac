import { z } from 'zod';
import { within } from './within.js';

/** Views that only move whole pixels: as is, left-right, upside down, turned by 180 degrees. */
export const ORIENTATIONS = ['plain', 'mirror', 'flip', 'turn'] as const;
export type Orientation = (typeof ORIENTATIONS)[number];

/**
 * How one training picture becomes several. Strengths are the most that is drawn, either way, evenly; 0 and a JPEG quality
 * of 100 do nothing. Switch on only what keeps the label of the part.
 */
const Said = z.strictObject({
  copies: z
    .number()
    .int()
    .min(1)
    .max(32)
    .nullable()
    .default(null)
    .describe('variants of each training picture, the first of them plain; null = one per view'),
  views: z
    .array(z.enum(ORIENTATIONS))
    .min(1)
    .refine(([first]) => first === 'plain', { error: 'the first view must be plain' })
    .default(['plain', 'mirror'])
    .describe('as is, left-right, upside down, turned by 180 degrees; variants take them in turn'),
  rotation: within(0, 180).default(0).describe('degrees'),
  shear: within(0, 30).default(0).describe('degrees, along each side'),
  zoom: within(0, 0.5).default(0).describe('share of the size'),
  shift: within(0, 0.3).default(0).describe('share of each side'),
  brightness: within(0, 0.9).default(0).describe('share of the light'),
  contrast: within(0, 0.9).default(0).describe('share of the distance from middle grey'),
  blur: within(0, 10).default(0).describe('pixels of the network’s input, sigma'),
  jpegQuality: z.number().int().min(1).max(100).default(100).describe('lowest quality; 100 = not compressed again'),
  cutout: within(0, 0.5).default(0).describe('longest side of a grey rectangle, share of each side'),
  cache: z
    .enum(['on', 'off'])
    .default('on')
    .describe('on: variants are drawn once; off: anew for every epoch, through the frozen part each time'),
});
export type Augmentation = z.infer<typeof Said>;

const Augmentation = Said.superRefine((said, context) => {
  const { copies, views } = said;
  const strengths = strengthsOf(said);
  if (strengths.length === 0 || (copies ?? views.length) > 1) return;
  const message = `${strengths.join(', ')}: nothing is drawn, as the plain picture is the only variant. Expected a further view, or copies of 2 and more`;
  context.addIssue({ code: 'custom', message });
});

const NOTHING_DRAWN: Readonly<Record<string, number>> = { jpegQuality: 100 };

/** The strengths that are set, as a person reads them: `augment.rotation 5`. */
export function strengthsOf({ copies, views, cache, ...strengths }: Augmentation): string[] {
  return Object.entries(strengths).flatMap(([name, strength]) =>
    strength === (NOTHING_DRAWN[name] ?? 0) ? [] : [`augment.${name} ${strength}`],
  );
}

export const AUGMENTATION = { augment: Augmentation.prefault({}) };
