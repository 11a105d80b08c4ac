import { AbstractLogger } from 'typeorm';

/** For TypeORM's `logger`: it prints a migration that fails to stdout, which holds JSON lines. What failed is thrown all the same. */
export class Speechless extends AbstractLogger {
  protected writeLog(): void {}
}
