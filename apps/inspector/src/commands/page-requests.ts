import type { AcknowledgeRequest, Override, OverrideQuery, OverrideRequest } from '#contracts';
import { PagePeople } from '../dashboard/people.js';
import type { CommandDesk } from './command-desk.js';
import type { OverrideDesk } from './override-desk.js';

/** What people ask for on the page, carried out as commands are. */
export class PageRequests extends PagePeople {
  constructor(
    private readonly commands: Pick<CommandDesk, 'acknowledge'>,
    private readonly overrides: Pick<OverrideDesk, 'record' | 'overridesOf'>,
  ) {
    super();
  }

  acknowledge(request: AcknowledgeRequest): Promise<string> {
    return this.commands.acknowledge(request);
  }

  override(request: OverrideRequest): Promise<Override> {
    return this.overrides.record(request);
  }

  overridesOf(query: OverrideQuery): Promise<Override[]> {
    return this.overrides.overridesOf(query);
  }
}
