import { z } from 'zod';

/** Names that share this many first letters are spellings of one word: optimizer, optimiser. */
const SAME_LETTERS = 5;
/** What resembles more places than these resembles none. */
const MOST = 6;

interface Place {
  /** As `--set` and a person write it: `fineTune.rate`. */
  readonly path: string;
  readonly name: string;
  readonly description: string;
}

/**
 * Where in a schema those names may belong that stand in the wrong place or are spelt otherwise: of the same name, else of
 * one that has all its words or lends it all of its own, else the one whose description has it in brackets.
 * @returns paths with dots; empty where nothing, or too much, resembles them
 */
export function findResembling(names: readonly string[], schema: z.ZodObject): string[] {
  const places = [...placesIn(schema, '')];
  const found = names.flatMap((name) => nearestTo(name, places));
  return found.length > MOST ? [] : [...new Set(found.map(({ path }) => path))];
}

function nearestTo(wanted: string, places: readonly Place[]): readonly Place[] {
  const degrees: ((place: Place) => boolean)[] = [
    ({ name }) => name.toLowerCase() === wanted.toLowerCase(),
    ({ name }) => holdsWords(name, wanted) || holdsWords(wanted, name) || isOtherSpelling(name, wanted),
    ({ description }) => description.includes(`(${wanted})`),
  ];
  return degrees.map((isNear) => places.filter(isNear)).find((near) => near.length > 0) ?? [];
}

function holdsWords(name: string, other: string): boolean {
  const words = wordsOf(name);
  return wordsOf(other).every((word) => words.includes(word));
}

/** `batchSize` is batch and size. */
function wordsOf(name: string): string[] {
  return name.split(/[^A-Za-z0-9]+|(?=[A-Z])/).map((word) => word.toLowerCase());
}

function isOtherSpelling(a: string, b: string): boolean {
  return Math.min(a.length, b.length) >= SAME_LETTERS && a.slice(0, SAME_LETTERS) === b.slice(0, SAME_LETTERS);
}

function* placesIn(schema: z.ZodObject, above: string): Iterable<Place> {
  for (const [name, field] of Object.entries(schema.shape)) {
    const path = `${above}${name}`;
    yield { path, name, description: field.description ?? '' };
    const inner = withinWrappers(field);
    if (inner instanceof z.ZodObject) yield* placesIn(inner, `${path}.`);
  }
}

/** Without default, null and what is made of the value. */
function withinWrappers(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return withinWrappers(schema.in);
  const isWrapper =
    schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodNullable;
  return isWrapper ? withinWrappers(schema.unwrap()) : schema;
}
