import { after } from 'node:test';
import { NestFactory } from '@nestjs/core';
import { InputError } from '#contracts';
import { listen, openDoor } from '#contracts/door';
import { answerProblems } from '#contracts/problem.filter';
import { dashboardModule } from '../../apps/inspector/src/dashboard/dashboard.module.js';
import { LiveGateway, type LivePace, type PageEvent } from '../../apps/inspector/src/dashboard/live.gateway.js';
import type { LiveBoard } from '../../apps/inspector/src/dashboard/live-board.js';
import { PagePeople } from '../../apps/inspector/src/dashboard/people.js';
import { PageRecords } from '../../apps/inspector/src/dashboard/records.js';

export interface PageServer {
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly port: number;
  readonly gateway: LiveGateway;
  /** How often each happened. */
  readonly events: Record<PageEvent, number>;
  stop(): Promise<void>;
}

export interface PageServerOptions {
  readonly board: LiveBoard;
  readonly records?: PageRecords;
  readonly people?: PagePeople;
  readonly pace?: Partial<LivePace>;
  /** Folder of the built page. */
  readonly page?: string;
  /** 0 = chosen by the system. */
  readonly port?: number;
}

/**
 * The dashboard's own part of an inspector, on 127.0.0.1: gateway, controllers and built page around a board. Errors
 * leave as they do there.
 */
export async function startPageServer({
  board,
  records,
  people,
  pace,
  page,
  port = 0,
}: PageServerOptions): Promise<PageServer> {
  const events = { pages_refused: 0, pages_resynced: 0, page_deltas_skipped: 0 };
  const count = (event: PageEvent): void => {
    events[event] += 1;
  };
  const dashboard = dashboardModule({
    ...{ board, count, pace, page },
    records: records ?? new NoRecords(),
    people: people ?? new Nobody(),
  });
  const app = await NestFactory.create(dashboard, { logger: ['error', 'fatal'], forceCloseConnections: true });
  openDoor(app, { host: '127.0.0.1', names: [] });
  answerProblems(app, (error) => console.error(error));
  const url = await listen(app, { host: '127.0.0.1', port });
  let isOpen = true;
  const stop = async (): Promise<void> => {
    if (isOpen) await app.close();
    isOpen = false;
  };
  after(stop);
  return { url, port: Number(new URL(url).port), gateway: app.get(LiveGateway), events, stop };
}

/** A plant database without rows. */
class NoRecords extends PageRecords {
  async findPicture(): Promise<null> {
    return null;
  }

  async search(): Promise<{ verdicts: []; more: false }> {
    return { verdicts: [], more: false };
  }

  async searchParts(): Promise<{ parts: []; more: false }> {
    return { parts: [], more: false };
  }

  async viewsOf(): Promise<null> {
    return null;
  }
}

/** Where nobody has said anything, and may not. */
class Nobody extends PagePeople {
  async acknowledge(): Promise<never> {
    throw new InputError('ALARM_NOT_ON', 'No alarm is on.');
  }

  async override(): Promise<never> {
    throw new InputError('OVERRIDE_UNKNOWN', 'No verdict is recorded.');
  }

  async overridesOf(): Promise<[]> {
    return [];
  }
}
