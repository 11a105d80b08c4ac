/** Fixed views of a training picture. All keep the label of a part seen from above. */
export type Variant = 'plain' | 'mirror' | 'flip' | 'turn';

interface Picture {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** One view of an RGB picture [height, width, 3]: as is, left-right, upside down or turned by 180 degrees. */
export function viewOf({ data, width, height }: Picture, variant: Variant): Uint8Array {
  if (variant === 'plain') return data;
  const isMirrored = variant !== 'flip';
  const isFlipped = variant !== 'mirror';
  const view = new Uint8Array(data.length);
  for (let y = 0; y < height; y++) {
    const fromY = isFlipped ? height - 1 - y : y;
    for (let x = 0; x < width; x++) {
      const from = 3 * (fromY * width + (isMirrored ? width - 1 - x : x));
      const to = 3 * (y * width + x);
      view[to] = data[from] as number;
      view[to + 1] = data[from + 1] as number;
      view[to + 2] = data[from + 2] as number;
    }
  }
  return view;
}
