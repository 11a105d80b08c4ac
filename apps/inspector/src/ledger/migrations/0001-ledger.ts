import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The ledger is append-only by its own triggers: no code path can rewrite a record. */
export class Ledger1700000000001 implements MigrationInterface {
  readonly name = 'Ledger1700000000001';

  async up(runner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await runner.query(statement);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['ledger', 'cursor', 'identity']) await runner.query(`DROP TABLE "${table}"`);
  }
}

const STATEMENTS = [
  `CREATE TABLE "ledger" (
    "row" integer PRIMARY KEY AUTOINCREMENT NOT NULL,
    "kind" varchar NOT NULL CHECK ("kind" IN ('boot', 'accepted', 'closed')),
    "frameId" varchar NOT NULL,
    "camera" varchar,
    "cameraBootId" varchar,
    "seq" integer,
    "picture" varchar,
    "body" text NOT NULL
  )`,
  `CREATE UNIQUE INDEX "ledger_accepted_frame" ON "ledger" ("frameId") WHERE "kind" = 'accepted'`,
  `CREATE UNIQUE INDEX "ledger_accepted_seq" ON "ledger" ("camera", "cameraBootId", "seq")
    WHERE "kind" = 'accepted' AND "cameraBootId" IS NOT NULL AND "seq" IS NOT NULL`,
  `CREATE UNIQUE INDEX "ledger_closed_frame" ON "ledger" ("frameId") WHERE "kind" = 'closed'`,
  `CREATE INDEX "ledger_accepted_camera" ON "ledger" ("camera", "row") WHERE "kind" = 'accepted' AND "seq" IS NOT NULL`,
  `CREATE INDEX "ledger_boot" ON "ledger" ("row") WHERE "kind" = 'boot'`,
  `CREATE TRIGGER "ledger_no_update" BEFORE UPDATE ON "ledger"
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`,
  `CREATE TRIGGER "ledger_no_delete" BEFORE DELETE ON "ledger"
    BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END`,
  `CREATE TABLE "cursor" ("reader" varchar PRIMARY KEY NOT NULL, "row" integer NOT NULL)`,
  // Tells ledgers apart in a plant database: row numbers of a new ledger start again.
  `CREATE TABLE "identity" ("id" varchar PRIMARY KEY NOT NULL)`,
  `INSERT INTO "identity" VALUES (lower(hex(randomblob(16))))`,
];
