import { compareNames, type Sample } from '#model/dataset/sample';

/** What a model that never saw a picture, nor its group, thinks of it. */
export interface Opinion {
  readonly sample: Sample;
  /** Class the picture is labelled as, among `probabilities`. */
  readonly label: number;
  readonly probabilities: ArrayLike<number>;
}

/** Opinions that contradict a tenth of the labels contradict more than people get wrong: then it is they that err. */
const TRUSTED = 0.9;

/** Share of the pictures for which the likeliest class is the labelled one. */
export function agreementOf(opinions: readonly Opinion[]): number {
  const agree = opinions.filter(({ label, probabilities }) =>
    Array.from(probabilities).every((probability) => probability <= (probabilities[label] ?? 0)),
  );
  return agree.length / opinions.length;
}

/** What to call suspects by how far their judges can be trusted. @param agreement null where nobody was asked */
export function nameSuspects(agreement: number | null): string {
  return agreement === null || agreement >= TRUSTED ? 'likely mislabelled' : 'read otherwise';
}

/** How far they can be trusted, in words. */
export function describeTrust(agreement: number): string {
  return `agrees with ${(100 * agreement).toFixed(0)} % of the labels`;
}

/** A picture whose label others of its class contradict. */
export interface Suspect {
  readonly sample: Sample;
  /** Class it rather is, among the opinion's probabilities. */
  readonly likely: number;
  /** Probability of its own label and of the likely one. */
  readonly own: number;
  readonly other: number;
}

/**
 * Pictures that are likely mislabelled, by confident learning (Northcutt, Jiang and Chuang, 2021): a picture is suspect
 * where the probability of another class reaches what pictures of that class have on average, and is above its own.
 * @param opinions out of fold
 * @returns worst first: by the margin of the likely class over the label
 */
export function findSuspects(opinions: readonly Opinion[]): Suspect[] {
  const usual = new Map<number, { sum: number; n: number }>();
  for (const { label, probabilities } of opinions) {
    const known = usual.get(label) ?? { sum: 0, n: 0 };
    usual.set(label, { sum: known.sum + (probabilities[label] ?? 0), n: known.n + 1 });
  }
  const suspects = opinions.flatMap(({ sample, label, probabilities }): Suspect[] => {
    const own = probabilities[label] ?? 0;
    const [likely, other] = Array.from(probabilities, (probability, at) => [at, probability] as const)
      .filter(([at, probability]) => {
        const known = usual.get(at);
        return at !== label && known !== undefined && probability >= known.sum / known.n && probability > own;
      })
      .reduce((best, one) => (one[1] > best[1] ? one : best), [-1, 0]);
    return likely < 0 ? [] : [{ sample, likely, own, other }];
  });
  return suspects.sort((a, b) => b.other - b.own - (a.other - a.own) || compareNames(a.sample.path, b.sample.path));
}
