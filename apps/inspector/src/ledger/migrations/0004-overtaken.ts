import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What the gate heard where the window ended while a verdict was recorded: one more kind, so the table is copied again. */
export class Overtaken1700000000004 implements MigrationInterface {
  readonly name = 'Overtaken1700000000004';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('A ledger with overtaken verdicts in it cannot go back: nothing in it is ever deleted.');
  }
}

const STATEMENTS = [
  `CREATE TABLE "ledger_wider" (
    "row" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kind" varchar NOT NULL
      CHECK ("kind" IN ('boot', 'accepted', 'closed', 'part-opened', 'part', 'overtaken', 'event', 'override')),
    "frameId" varchar NOT NULL,
    "camera" varchar,
    "cameraBootId" varchar,
    "seq" integer,
    "picture" varchar,
    "body" text NOT NULL
  )`,
  `INSERT INTO "ledger_wider" SELECT * FROM "ledger"`,
  `DROP TABLE "ledger"`,
  `ALTER TABLE "ledger_wider" RENAME TO "ledger"`,
  `CREATE UNIQUE INDEX "ledger_accepted_frame" ON "ledger" ("frameId") WHERE "kind" = 'accepted'`,
  `CREATE UNIQUE INDEX "ledger_accepted_seq" ON "ledger" ("camera", "cameraBootId", "seq")
    WHERE "kind" = 'accepted' AND "cameraBootId" IS NOT NULL AND "seq" IS NOT NULL`,
  `CREATE UNIQUE INDEX "ledger_closed_frame" ON "ledger" ("frameId") WHERE "kind" = 'closed'`,
  `CREATE UNIQUE INDEX "ledger_part_opened" ON "ledger" ("frameId") WHERE "kind" = 'part-opened'`,
  `CREATE UNIQUE INDEX "ledger_part" ON "ledger" ("frameId") WHERE "kind" = 'part'`,
  `CREATE INDEX "ledger_accepted_camera" ON "ledger" ("camera", "row") WHERE "kind" = 'accepted' AND "seq" IS NOT NULL`,
  `CREATE INDEX "ledger_boot" ON "ledger" ("row") WHERE "kind" = 'boot'`,
  `CREATE INDEX "ledger_picture" ON "ledger" ("picture") WHERE "picture" IS NOT NULL`,
  `CREATE INDEX "ledger_picture_row" ON "ledger" ("row") WHERE "picture" IS NOT NULL`,
  `CREATE UNIQUE INDEX "ledger_overtaken" ON "ledger" ("frameId") WHERE "kind" = 'overtaken'`,
  // By the record spoken of, and by its part: the page asks for both.
  `CREATE INDEX "ledger_override" ON "ledger" ("frameId") WHERE "kind" = 'override'`,
  `CREATE INDEX "ledger_override_part" ON "ledger" (json_extract("body", '$.partId')) WHERE "kind" = 'override'`,
  `CREATE TRIGGER "ledger_no_update" BEFORE UPDATE ON "ledger"
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`,
  `CREATE TRIGGER "ledger_no_delete" BEFORE DELETE ON "ledger"
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`,
];
