import type { Job } from '#contracts';

/** The one wire from the queue to the page: the queue is made first and speaks, the gateway comes later and listens. */
export class JobChanges {
  /** Set by the gateway; before that nobody is connected who could miss anything. */
  onChange: (job: Job) => void = () => undefined;
}
