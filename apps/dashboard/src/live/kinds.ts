import type { PartVerdict } from '#contracts/part';
import { PartPage, VerdictPage } from '#contracts/search';
import type { Verdict } from '#contracts/verdict';

/** What is listed live and found again in the plant database. */
export interface Kind<Item> {
  /** Of the search. */
  readonly path: string;
  /** Word of the search that, with `before`, goes on below a record of this id. */
  readonly before: string;
  readonly idOf: (record: Item) => string;
  /** @throws ZodError where it is no page of these */
  readonly read: (answer: unknown) => { readonly records: readonly Item[]; readonly more: boolean };
}

export const FRAMES: Kind<Verdict> = {
  path: '/api/verdicts',
  before: 'beforeFrame',
  idOf: ({ frameId }) => frameId,
  read: (answer) => {
    const { verdicts, more } = VerdictPage.parse(answer);
    return { records: verdicts, more };
  },
};

/** Parts of several views. */
export const PARTS: Kind<PartVerdict> = {
  path: '/api/parts',
  before: 'beforeInspection',
  idOf: ({ inspection }) => inspection,
  read: (answer) => {
    const { parts, more } = PartPage.parse(answer);
    return { records: parts, more };
  },
};
