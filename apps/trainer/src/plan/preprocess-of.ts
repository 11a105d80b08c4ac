import type { Backbone } from '#model/backbones/backbone';
import type { Preprocess } from '#model/card';
import type { Plan } from './plan.js';

/** What a plan says of pictures, as the card keeps it. Sides it leaves open are those the network was trained at. */
export function preprocessOf({ frame, roi, tiles, resize }: Plan, { inputSize }: Backbone): Preprocess {
  const { width, height, ...how } = resize;
  return { frame, roi, tiles, resize: { width: width ?? inputSize, height: height ?? inputSize, ...how } };
}
