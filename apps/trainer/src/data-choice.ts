/** Which pictures, and how their table is read. */
export interface DataChoice {
  /** Directory with one folder per class, or with a CSV, or the CSV itself. */
  readonly data: string;
  readonly split?: string | undefined;
  readonly good?: readonly string[] | undefined;
  /** Column that tells parts apart; `path` = every picture is a part of its own. */
  readonly groupColumn?: string | undefined;
}
