import { fingerprint } from '#model/dataset/fingerprint';
import { describeLeak, findLeaks, type Leak, refuseConflicts, refuseLeaks } from '#model/dataset/leaks';
import { listSome } from '#model/dataset/list-some';
import { type VerifyOptions, verifyPictures } from '#model/dataset/pictures';
import type { Dataset, VerifiedDataset } from '#model/dataset/sample';
import { type Split, splitDataset, taughtLabels } from '#model/dataset/split';
import { type DataChoice, readChosen } from '../data-choice.js';
import { LookStore } from '../look-store.js';
import type { TrainLog } from '../train-log.js';
import { describeDoubts, describeMisnamed, describeNarrow, describeNew } from './doubts.js';
import { describeShortcuts } from './shortcuts.js';

export interface NamesRequest extends DataChoice {
  readonly validationShare: number;
  readonly testShare: number;
  readonly seed: number;
  /** The plan's columns, where it names them. */
  readonly splitBy?: string | null;
  readonly stratifyBy?: string | null;
  /** Good pictures alone will do. */
  readonly isOneClass?: boolean;
}

export interface DatasetRequest
  extends Omit<NamesRequest, keyof DataChoice>,
    Pick<VerifyOptions, 'maxPixels' | 'frame' | 'roi'> {
  /** As `readNames` read them. */
  readonly named: Dataset;
  /** What to do where a given split has one picture on two sides. */
  readonly leaks: 'refuse' | 'allow';
  /** Keeps what pictures look like, for the next run on them; default: nobody does. */
  readonly cacheDir?: string;
}

export interface PreparedDataset {
  readonly dataset: VerifiedDataset;
  readonly split: Split;
  /** Classes that training pictures teach, `good` first: the order of the network's outputs. */
  readonly labels: readonly string[];
  /** Over every picture, its label and its side: goes into the card. */
  readonly fingerprint: string;
  /** Pictures per side and label, as the card keeps them. */
  readonly pictures: Record<string, Record<string, number>>;
  /** Pairs of pictures that are one picture on two sides, which the plan allowed. */
  readonly leaks: number;
}

/**
 * Read the labels and see whether they can be split: names are enough, no picture is opened.
 * @throws InputError as `readDataset`, `splitDataset` and `taughtLabels` say
 */
export async function readNames(request: NamesRequest): Promise<Dataset> {
  const named = await readChosen(request, request);
  const split = splitDataset(named, request);
  if (!request.isOneClass) taughtLabels(named, split);
  return named;
}

/**
 * First step of a run: open every picture once, split by whole groups.
 * @throws InputError as `verifyPictures` and `splitDataset` say; LABEL_CONFLICT; RefusedError LEAK
 */
export async function prepareDataset(request: DatasetRequest, log: TrainLog): Promise<PreparedDataset> {
  const looks = request.cacheDir === undefined ? undefined : await LookStore.open(request.cacheDir);
  const dataset = await verifyPictures(request.named, {
    ...{ ...request, looks },
    onProgress: (done, total) => log.progress({ step: 'dataset', done, total }),
  }).finally(() => looks?.close());
  const split = splitDataset(dataset, request);
  const labels = request.isOneClass ? dataset.labels : taughtLabels(dataset, split);
  refuseConflicts(dataset.samples);
  const leaks = findLeaks(split, dataset.twins);
  if (request.leaks === 'refuse') refuseLeaks(leaks);
  const pictures = countPictures(split);
  log.step('dataset', describe(dataset, pictures));
  // Defects of a validation side choose nothing where good pictures alone are learnt.
  const narrow = describeNarrow(request.isOneClass ? { test: split.test } : split);
  const seen = describeDoubts(dataset);
  for (const doubt of [
    ...describeAllowed(leaks),
    ...describeMisnamed(dataset),
    ...describeNew(dataset, labels),
    ...describeShortcuts(dataset.samples),
    ...narrow,
    ...seen,
  ])
    log.doubt('data', doubt);
  if (seen.length > 0) log.step('check', 'to see the pictures: lineside data check --data … --out DIR');
  const fingerprinted = fingerprint([...split.train, ...split.val, ...split.test]);
  return { dataset, split, labels, pictures, fingerprint: fingerprinted, leaks: leaks.length };
}

function countPictures(split: Split): Record<string, Record<string, number>> {
  const pictures: Record<string, Record<string, number>> = {};
  for (const [side, samples] of Object.entries(split)) {
    const counts: Record<string, number> = {};
    for (const { label } of samples) counts[label] = (counts[label] ?? 0) + 1;
    pictures[side] = counts;
  }
  return pictures;
}

function describeAllowed(leaks: readonly Leak[]): string[] {
  if (leaks.length === 0) return [];
  return [
    `the plan allows ${leaks.length} pairs that are one picture on two sides, so figures flatter: ${listSome(leaks.map(describeLeak), 3)}`,
  ];
}

function describe(dataset: Dataset, pictures: Record<string, Record<string, number>>): string {
  const sides = Object.entries(pictures).map(([side, counts]) => {
    const parts = dataset.labels.map((label) => `${counts[label] ?? 0} ${label}`);
    return `${side} ${parts.join(' + ')}`;
  });
  return `${dataset.samples.length} pictures: ${sides.join(', ')}`;
}
