import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, DependencyError, InputError, Job, messageOf, type TrainEvent } from '#contracts';
import { FolderLock } from '#registry';
import { CHECKPOINT_FOLDER } from '../checkpoints.js';
import { readIfThere } from '../read-if-there.js';
import { readEvents } from '../run-events.js';
import { writeWhole } from '../write-whole.js';

const RECORD = 'job.json';
/** A block of the usual file systems: less may fit where a record does not. */
const PROBE_BYTES = 4_096;

/** Jobs as files: `runsDir/<id>/job.json` beside what the run itself writes. What is on the disk survives a restart. */
export class JobFiles {
  private lock: FolderLock | null = null;

  constructor(private readonly runsDir: string) {}

  /**
   * Take the folder for this trainer alone: a second one would call what runs here failed, and run what waits once more.
   * @throws DependencyError RUNS_TAKEN when another trainer has it, RUN_FOLDER when it cannot be made or written,
   *   SQLITE_NOT_LOADED
   */
  async take(): Promise<void> {
    await this.storing('No job can be recorded', async () => {
      this.lock = FolderLock.take(this.runsDir);
    });
    if (this.lock !== null) return;
    throw new DependencyError(
      'RUNS_TAKEN',
      `Another trainer is at work in ${this.runsDir}. Stop it, or give this one a trainer.runsDir of its own.`,
    );
  }

  /** Also where it was never taken. */
  release(): void {
    this.lock?.release();
    this.lock = null;
  }

  /** The run's folder, whether it exists or not. */
  folderOf(id: string): string {
    return join(this.runsDir, id);
  }

  /** Whether an ended run left something to go on with. */
  hasCheckpoint(id: string): boolean {
    return existsSync(join(this.folderOf(id), CHECKPOINT_FOLDER));
  }

  /**
   * Write a job's record, whole or not at all. One at a time: the last one that returns is the one that stays.
   * @throws DependencyError RUN_FOLDER when it cannot be written
   */
  async save(job: Job): Promise<void> {
    await this.storing(`Job ${job.id} cannot be recorded`, () =>
      writeWhole(join(this.folderOf(job.id), RECORD), `${JSON.stringify(job, null, 2)}\n`),
    );
  }

  /**
   * Write something and take it away: nothing else tells a disk that takes records from one that is full or failing.
   * @throws DependencyError RUN_FOLDER when no record could be written now
   */
  async probe(): Promise<void> {
    await this.storing('No job can be recorded', async () => {
      await mkdir(this.runsDir, { recursive: true });
      const file = join(this.runsDir, `.probe-${randomUUID()}`);
      try {
        await writeFile(file, 'x'.repeat(PROBE_BYTES), { flush: true });
      } finally {
        await rm(file, { force: true });
      }
    });
  }

  /**
   * Every recorded job, oldest first. Folders without a record (runs of the command line) are none of ours.
   * @throws InputError JOB_RECORD when a record is there and cannot be read: a job must not vanish silently
   */
  async load(): Promise<Job[]> {
    await mkdir(this.runsDir, { recursive: true });
    const folders = (await readdir(this.runsDir, { withFileTypes: true })).filter((entry) => entry.isDirectory());
    const jobs = await Promise.all(folders.map(({ name }) => this.read(name)));
    return jobs.filter((job) => job !== null).sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  /** What a run has said so far, without its progress. Empty before it said anything. */
  events(id: string): Promise<TrainEvent[]> {
    return readEvents(this.folderOf(id));
  }

  private async storing(what: string, store: () => Promise<void>): Promise<void> {
    try {
      await store();
    } catch (cause) {
      if (cause instanceof CodedError) throw cause;
      throw new DependencyError(
        'RUN_FOLDER',
        `${what} in ${this.runsDir}: ${messageOf(cause)}. Check permissions and free disk space.`,
        { cause },
      );
    }
  }

  private async read(folder: string): Promise<Job | null> {
    const file = join(this.runsDir, folder, RECORD);
    const bytes = await readIfThere(file);
    if (bytes === null) return null;
    try {
      return Job.parse(JSON.parse(bytes.toString('utf8')));
    } catch (cause) {
      throw new InputError(
        'JOB_RECORD',
        `Job record ${file} cannot be read: ${messageOf(cause)}. Repair or remove it.`,
        {
          cause,
        },
      );
    }
  }
}
