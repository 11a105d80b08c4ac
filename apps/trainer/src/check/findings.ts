/** Two pictures that show one thing. */
export interface PairFinding {
  readonly first: PictureName;
  readonly second: PictureName;
  /** `byte for byte`, or how the first lies in the second. */
  readonly how: string;
}

export interface PictureName {
  readonly path: string;
  readonly label: string;
  readonly side: string | null;
}

export interface Finding extends PictureName {
  readonly what: string;
}

/** What `check.json` holds. Lists are worst first and whole; the page shows the first of each. */
export interface DataCheck {
  readonly data: string;
  readonly pictures: number;
  /** Pictures per class, by side, kind, group, lot, day and camera, as far as the data names them. */
  readonly counts: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>>;
  readonly sizes: Readonly<Record<string, number>>;
  readonly formats: Readonly<Record<string, number>>;
  /** Traits that tell defects without a look at the part, in words. */
  readonly shortcuts: readonly string[];
  readonly unreadable: readonly { readonly path: string; readonly reason: string }[];
  /** Why the data cannot be split, where it cannot. */
  readonly unsplittable: string | null;
  readonly leaks: readonly PairFinding[];
  readonly conflicts: readonly PairFinding[];
  readonly copies: readonly PairFinding[];
  readonly outliers: readonly Finding[];
  readonly suspects: readonly Finding[];
  /** Share of the labels that those who were asked agree with; null where nobody could be asked. */
  readonly agreement: number | null;
  /** Why nobody could be asked for mislabelled pictures, where so. */
  readonly unasked: string | null;
}
