import { after, before } from 'node:test';

/** Let the clocks of this suite show the time of a zone, as in `Europe/Berlin`; call it inside `describe`. */
export function useTimeZone(zone: string): void {
  const own = process.env.TZ;
  before(() => {
    process.env.TZ = zone;
  });
  after(() => {
    if (own === undefined) delete process.env.TZ;
    else process.env.TZ = own;
  });
}
