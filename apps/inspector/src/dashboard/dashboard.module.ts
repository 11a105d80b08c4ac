import { type DynamicModule, Module } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import { COUNT_PAGE_EVENT, type CountPageEvent, LIVE_PACE, LiveGateway, type LivePace } from './live.gateway.js';
import { LiveBoard } from './live-board.js';
import { PageController } from './page.controller.js';
import { pageFiles } from './page-files.js';
import { PeopleController } from './people.controller.js';
import { PagePeople } from './people.js';
import { PageRecords } from './records.js';

export interface DashboardOptions {
  readonly board: LiveBoard;
  readonly records: PageRecords;
  readonly people: PagePeople;
  readonly count: CountPageEvent;
  readonly pace?: Partial<LivePace>;
}

@Module({})
class DashboardModule {}

/** The page and all it talks to: built files, socket, requests. Needs `openDoor(app, …)`. */
export function dashboardModule({ board, records, people, count, pace = {} }: DashboardOptions): DynamicModule {
  return {
    module: DashboardModule,
    imports: [ServeStaticModule.forRoot(pageFiles())],
    controllers: [PageController, PeopleController],
    providers: [
      { provide: LiveBoard, useValue: board },
      { provide: PageRecords, useValue: records },
      { provide: PagePeople, useValue: people },
      { provide: COUNT_PAGE_EVENT, useValue: count },
      { provide: LIVE_PACE, useValue: pace },
      LiveGateway,
    ],
    exports: [LiveGateway],
  };
}
