import { z } from 'zod';
import { Preprocess } from '#model/card';

const Resize = Preprocess.shape.resize.shape;

/** What of a frame the network sees. */
export const PICTURE = {
  frame: Preprocess.shape.frame.default(null).describe('size every upright frame must have, pixels; null = any'),
  roi: Preprocess.shape.roi.default(null).describe('region of interest, pixels of the upright frame; null = all'),
  tiles: Preprocess.shape.tiles
    .default({ columns: 1, rows: 1 })
    .describe('equal tiles over the region; the frame’s score is its worst tile'),
  resize: z
    .strictObject({
      width: Resize.width.nullable().default(null).describe('pixels; null = what the network was trained at'),
      height: Resize.height.nullable().default(null).describe('pixels; null = what the network was trained at'),
      policy: Resize.policy.default('squash').describe('how a tile of another shape becomes the input'),
      kernel: Resize.kernel.default('linear').describe('interpolation'),
    })
    .prefault({}),
};
