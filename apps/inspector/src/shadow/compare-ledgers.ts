import type Database from 'better-sqlite3';
import { CodedError, type Decision, InputError, messageOf, type Reason, type Verdict } from '#contracts';
import { openDatabase } from '#registry';
import { toLook } from '../ledger/durability.js';

export interface CompareRequest {
  /** Ledger files: of the inspector whose word counts, and of its shadow. Both may be running. */
  readonly line: string;
  readonly shadow: string;
  /** Disagreements listed at most, the newest first. */
  readonly limit: number;
}

/** What one of the two said of a frame. */
export interface Opinion {
  readonly verdict: Decision;
  readonly reason: Reason;
  readonly score: number | null;
  readonly model: string | null;
}

export interface Disagreement {
  readonly frameId: string;
  readonly camera: string;
  readonly partId: string | null;
  readonly receivedTs: string;
  readonly line: Opinion;
  readonly shadow: Opinion;
}

export interface Comparison {
  /** Frames both models had their word on, by their words. */
  readonly counts: readonly { readonly line: Decision; readonly shadow: Decision; readonly frames: number }[];
  readonly frames: number;
  /** Frames both closed that one of the two models did not come to: late, overloaded, held. They say nothing of the models. */
  readonly unseen: number;
  /** Frames both closed that they judged by different recipes, as around a change-over. They say nothing of the models. */
  readonly otherRecipe: number;
  readonly disagreements: number;
  /** Newest first, at most as many as asked for. */
  readonly listed: readonly Disagreement[];
}

const BOTH = `FROM "ledger" AS "l" JOIN "other"."ledger" AS "s" ON "s"."frameId" = "l"."frameId" AND "s"."kind" = 'closed'
  WHERE "l"."kind" = 'closed'`;
const ONE_RECIPE = `json_extract("l"."body", '$.recipe') = json_extract("s"."body", '$.recipe')`;
/** Reasons of the line and not of the picture: without a score no model looked. */
const UNSEEN: readonly Reason[] = [
  'OVERLOAD',
  'LATE',
  'CLOCK',
  'NO_RECIPE',
  'MODEL_NOT_READY',
  'CHALLENGE',
  'INTERRUPTED',
];

/**
 * The model's word, NULL where it had none, or where the disk refused it and INTERNAL was recorded instead. That its PASS
 * came too late, or does not count for a simulated or challenge frame in production, is not its own.
 */
const WORD = (of: 'l' | 's'): string => `CASE
  WHEN json_extract("${of}"."body", '$.reason') = 'INTERNAL' THEN NULL
  WHEN json_extract("${of}"."body", '$.score') IS NULL AND json_extract("${of}"."body", '$.reason') IN (${UNSEEN.map((reason) => `'${reason}'`)}) THEN NULL
  WHEN json_extract("${of}"."body", '$.reason') IN ('CHALLENGE', 'LATE') THEN 'PASS'
  ELSE json_extract("${of}"."body", '$.verdict') END`;

/**
 * Join two ledgers on the frames both saw: where would a challenger have decided otherwise? Frames without an id of
 * their own are named anew by each inspector and cannot be compared.
 * @throws InputError LEDGER_MISSING when one of the files is no ledger; DependencyError SQLITE_NOT_LOADED
 */
export function compareLedgers({ line, shadow, limit }: CompareRequest): Comparison {
  const ledger = openLedger(line);
  let other: Database.Database | null = null;
  try {
    other = openLedger(shadow);
    ledger.prepare('ATTACH DATABASE ? AS "other"').run(shadow);
    const words = ledger
      .prepare(
        `SELECT ${WORD('l')} AS "line", ${WORD('s')} AS "shadow", COUNT(*) AS "frames" ${BOTH} AND ${ONE_RECIPE} GROUP BY 1, 2 ORDER BY 1, 2`,
      )
      .all() as { line: Decision | null; shadow: Decision | null; frames: number }[];
    const counts = words.flatMap(({ line, shadow, frames }) =>
      line === null || shadow === null ? [] : [{ line, shadow, frames }],
    );
    const apart = ledger.prepare(`SELECT COUNT(*) ${BOTH} AND NOT ${ONE_RECIPE}`).pluck().get() as number;
    const rows = ledger
      .prepare(
        `SELECT "l"."body" AS "line", "s"."body" AS "shadow" ${BOTH} AND ${ONE_RECIPE} AND ${WORD('l')} <> ${WORD('s')} ORDER BY "l"."row" DESC LIMIT ?`,
      )
      .all(limit) as { line: string; shadow: string }[];
    const sum = (own: readonly { frames: number }[]): number => own.reduce((total, { frames }) => total + frames, 0);
    return {
      counts,
      frames: sum(counts),
      unseen: sum(words) - sum(counts),
      otherRecipe: apart,
      disagreements: sum(counts.filter((each) => each.line !== each.shadow)),
      listed: rows.map((row) => toDisagreement(JSON.parse(row.line) as Verdict, JSON.parse(row.shadow) as Verdict)),
    };
  } finally {
    ledger.close();
    // Last: whoever closes a file last tidies up beside it, and this one may where that is right.
    other?.close();
  }
}

function openLedger(file: string): Database.Database {
  try {
    const { readonly, fileMustExist, prepareDatabase } = toLook(file);
    const database = openDatabase(file, { readonly, fileMustExist });
    prepareDatabase(database);
    database.prepare('SELECT 1 FROM "ledger" LIMIT 1').get();
    return database;
  } catch (cause) {
    if (cause instanceof CodedError) throw cause;
    throw new InputError(
      'LEDGER_MISSING',
      `No ledger in ${file}: ${messageOf(cause)}. Name the data folder of an inspector: inspector.dataDir.`,
      { cause },
    );
  }
}

function toDisagreement(line: Verdict, shadow: Verdict): Disagreement {
  const { frameId, camera, partId, ts } = line;
  return { frameId, camera, partId, receivedTs: ts.received, line: toOpinion(line), shadow: toOpinion(shadow) };
}

function toOpinion({ verdict, reason, score, model }: Verdict): Opinion {
  return { verdict, reason, score, model: model?.id ?? null };
}
