import { CodedError, DependencyError, messageOf } from '#contracts';
import { FolderLock } from '#registry';

/** One inspector per data folder. */
export class DataFolder {
  private lock: FolderLock | null = null;

  constructor(private readonly dir: string) {}

  /** @throws DependencyError DATA_FOLDER_TAKEN when another inspector has it, DATA_FOLDER when it cannot be made, SQLITE_NOT_LOADED */
  take(): void {
    this.lock = this.tryTake();
    if (this.lock !== null) return;
    throw new DependencyError(
      'DATA_FOLDER_TAKEN',
      `Data folder ${this.dir} belongs to another inspector that is running. Stop it, or give this one an inspector.dataDir of its own.`,
    );
  }

  /** Also where it was never taken. */
  release(): void {
    this.lock?.release();
    this.lock = null;
  }

  private tryTake(): FolderLock | null {
    try {
      return FolderLock.take(this.dir);
    } catch (cause) {
      if (cause instanceof CodedError) throw cause;
      throw new DependencyError(
        'DATA_FOLDER',
        `Data folder ${this.dir} cannot be used: ${messageOf(cause)}. Expected a folder this user may write: inspector.dataDir.`,
        { cause },
      );
    }
  }
}
