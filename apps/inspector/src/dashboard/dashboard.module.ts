import { type DynamicModule, Module } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import { COUNT_PAGE_EVENT, type CountPageEvent, LIVE_PACE, LiveGateway, type LivePace } from './live.gateway.js';
import { LiveBoard } from './live-board.js';
import { PageController } from './page.controller.js';
import { isPageBuilt, pageFiles } from './page-files.js';
import { PartsController } from './parts.controller.js';
import { PeopleController } from './people.controller.js';
import { PagePeople } from './people.js';
import { PageRecords } from './records.js';
import { UnbuiltPageController } from './unbuilt-page.controller.js';

export interface DashboardOptions {
  readonly board: LiveBoard;
  readonly records: PageRecords;
  readonly people: PagePeople;
  readonly count: CountPageEvent;
  readonly pace?: Partial<LivePace>;
  /** Folder of the built page; default the product's own. */
  readonly page?: string;
}

@Module({})
class DashboardModule {}

/** The page and all it talks to: built files or a word that there are none, socket, requests. Needs `openDoor(app, …)`. */
export function dashboardModule(options: DashboardOptions): DynamicModule {
  const { board, records, people, count, pace = {}, page } = options;
  const isBuilt = isPageBuilt(page);
  return {
    module: DashboardModule,
    imports: isBuilt ? [ServeStaticModule.forRoot(pageFiles(page))] : [],
    controllers: [PageController, PartsController, PeopleController, ...(isBuilt ? [] : [UnbuiltPageController])],
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
