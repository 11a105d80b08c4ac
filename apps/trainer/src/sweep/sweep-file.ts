import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { firstLineOf, InputError, tellProblems } from '#contracts';
import { FIGURES } from './figures.js';

/** Plan settings by dotted key, as `--set` has them. */
const Settings = z.record(
  z.string().regex(/^[A-Za-z]\w*(\.[A-Za-z]\w*)*$/, 'expected a dotted key of the plan'),
  z.json(),
);

const Case = z.strictObject({
  name: z.string().min(1).max(80),
  set: Settings,
  /** What to do where the weights it names were not imported. */
  needs: z.string().optional(),
});

/** Successive halving (Jamieson & Talwalkar, AISTATS 2016): many candidates on little, the best of them on more. */
const Halving = z
  .strictObject({
    /** The setting that is the effort, a whole number. */
    over: z.string().default('fineTune.epochs'),
    from: z.number().int().min(1),
    to: z.number().int().min(2),
    /** Each round has this many times the effort, and one in this many candidates stays. */
    factor: z.number().int().min(2).max(10).default(3),
  })
  .refine(({ from, to }) => from < to, 'expected from < to');

/** What a sweep tries. Candidates are every combination of `over`, or of each case with every combination of `over`. */
const Fields = z.strictObject({
  title: z.string().min(1).max(200),
  about: z.string().default(''),
  /** Shared by all trials, written as a plan file is. */
  plan: z.record(z.string(), z.json()).default({}),
  over: z.record(z.string(), z.array(z.json()).min(1)).default({}),
  cases: z.array(Case).default([]),
  /** Every candidate is trained once with each. A seed draws the validation side too, where the data names none. */
  seeds: z.array(z.number().int().min(0).max(2_147_483_647)).min(1).default([1, 2, 3]),
  rankBy: z.enum(FIGURES).default('auroc'),
  halving: Halving.nullable().default(null),
});
export const SweepFile = Fields.superRefine((file, context) => {
  for (const message of problemsIn(file)) context.addIssue({ code: 'custom', message });
});
export type SweepFile = z.infer<typeof SweepFile>;

/** They put pictures on sides: candidates that differ in them would be judged on different ones. */
const SIDES = ['validationShare', 'testShare', 'splitBy', 'stratifyBy'];

function problemsIn({ over, cases, seeds, halving }: z.infer<typeof Fields>): string[] {
  const varied = [...Object.keys(over), ...cases.flatMap(({ set }) => Object.keys(set))];
  const names = cases.map(({ name }) => name);
  const fixed = [...(halving === null ? [] : [halving.over]), 'seed'];
  return [
    ...(varied.length === 0 ? ['nothing to try: expected `over` or `cases`'] : []),
    ...repeated(names).map((name) => `two cases are called ${name}`),
    ...repeated(seeds.map(String)).map((seed) => `seed ${seed} is listed twice`),
    ...fixed
      .filter((key) => varied.includes(key))
      .map((key) => `${key} is set by the sweep itself (${key === 'seed' ? 'seeds' : 'halving'}), it cannot be varied`),
    ...SIDES.filter((key) => varied.includes(key)).map(
      (key) => `${key} says which pictures validate, it cannot be varied: candidates are compared on the same ones`,
    ),
    ...Object.keys(over)
      .filter((key) => cases.some(({ set }) => key in set))
      .map((key) => `${key} stands in \`over\` and in a case`),
  ];
}

function repeated(names: readonly string[]): string[] {
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
}

/**
 * Read a sweep file.
 * @throws InputError SWEEP_UNREADABLE | SWEEP_INVALID naming every problem at once
 */
export async function readSweepFile(file: string): Promise<SweepFile> {
  let value: unknown;
  try {
    value = parse(await readFile(file, 'utf8'));
  } catch (cause) {
    const message = `Sweep ${file} cannot be read: ${firstLineOf(cause)}. Expected a YAML file.`;
    throw new InputError('SWEEP_UNREADABLE', message, { cause });
  }
  const parsed = SweepFile.safeParse(value);
  if (parsed.success) return parsed.data;
  throw sweepInvalid(file, tellProblems(parsed.error));
}

/** Every problem of a sweep in one error. */
export function sweepInvalid(file: string, problems: readonly string[]): InputError {
  const list = problems.map((problem) => `  ${problem}`).join('\n');
  return new InputError('SWEEP_INVALID', `The sweep ${file} is not valid:\n${list}\nSee docs/sweeps.md.`);
}
