import { type ReadOptions, readDataset } from '#model/dataset/dataset';
import type { Dataset } from '#model/dataset/sample';
import type { Plan } from './plan/plan.js';

/** Which pictures, and how their table is read. */
export interface DataChoice {
  /** Directory with one folder per class, or with a CSV, or the CSV itself. */
  readonly data: string;
  readonly split?: string | undefined;
  readonly good?: readonly string[] | undefined;
  /** Column that tells parts apart; `path` = every picture is a part of its own. */
  readonly group?: string | undefined;
}

/**
 * Read the chosen pictures by the columns that the plan names; a column asked for beside it goes first.
 * @throws InputError as `readDataset` says
 */
export function readChosen(
  { data, group, ...choice }: DataChoice & Pick<ReadOptions, 'isOneClass' | 'judgedBy'>,
  { splitBy, stratifyBy }: Partial<Pick<Plan, 'splitBy' | 'stratifyBy'>>,
): Promise<Dataset> {
  return readDataset({
    ...choice,
    dir: data,
    groupColumn: group ?? splitBy ?? undefined,
    stratifyColumn: stratifyBy ?? undefined,
  });
}
