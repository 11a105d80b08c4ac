import type { AcknowledgeRequest, Override, OverrideQuery, OverrideRequest } from '#contracts';

/**
 * What a person asks for on the page: paperwork, by name. Nothing that steers the line can be asked for here: that takes
 * the command topic, whose broker knows who may. A class, so that it can stand as its own injection token.
 */
export abstract class PagePeople {
  /** @returns what was done. @throws InputError ALARM_NOT_ON */
  abstract acknowledge(request: AcknowledgeRequest): Promise<string>;

  /** Durable when it comes back. @throws InputError OVERRIDE_UNKNOWN; RefusedError OVERRIDE_SHADOW; DependencyError LEDGER_WRITE */
  abstract override(request: OverrideRequest): Promise<Override>;

  /** What people said of a frame or of its part as a whole, of a part or of its frames; oldest first. */
  abstract overridesOf(query: OverrideQuery): Promise<Override[]>;
}
