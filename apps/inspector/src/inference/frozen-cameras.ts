/** Sees a camera that sends its last picture again and again: no sensor gives the same pixels twice. */
export class FrozenCameras {
  private readonly runs = new Map<string, { pixels: number; length: number }>();

  /** @param limitOf so many equal pictures in a row are a frozen camera; null = nobody looks at this one */
  constructor(private readonly limitOf: (camera: string) => number | null) {}

  /** Tell the checksum of what a camera showed, its frames in any order. @returns true when this picture and those before it are one */
  isFrozen(camera: string, pixels: number): boolean {
    const limit = this.limitOf(camera);
    if (limit === null) return false;
    const run = this.runs.get(camera);
    const length = run?.pixels === pixels ? run.length + 1 : 1;
    this.runs.set(camera, { pixels, length });
    return length >= limit;
  }
}
