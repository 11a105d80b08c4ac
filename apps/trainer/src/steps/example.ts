/** One tile of a picture with the records of its cached features, one per variant. */
export interface Example {
  readonly records: readonly number[];
  /** The record of the tile as it is: what is judged, as on the line. */
  readonly plain: number;
  /** Number of the picture in its side of the split; its tiles share it. */
  readonly picture: number;
  /** Index into the labels; 0 is good. */
  readonly label: number;
  /** Key of `groupOf`: pictures of one group are no independent evidence. */
  readonly group: string;
}
