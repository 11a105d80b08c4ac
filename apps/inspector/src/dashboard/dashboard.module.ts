import { type DynamicModule, Module } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import { COUNT_PAGE_EVENT, type CountPageEvent, LIVE_PACE, LiveGateway, type LivePace } from './live.gateway.js';
import { LiveBoard } from './live-board.js';
import { PageController } from './page.controller.js';
import { pageFiles } from './page-files.js';
import { PageRecords } from './records.js';

export interface DashboardOptions {
  readonly board: LiveBoard;
  readonly records: PageRecords;
  readonly count: CountPageEvent;
  readonly pace?: Partial<LivePace>;
}

@Module({})
class DashboardModule {}

/** The page and all it talks to: built files, socket, requests. Needs `app.useWebSocketAdapter(new IoAdapter(app))`. */
export function dashboardModule({ board, records, count, pace = {} }: DashboardOptions): DynamicModule {
  return {
    module: DashboardModule,
    imports: [ServeStaticModule.forRoot(pageFiles())],
    controllers: [PageController],
    providers: [
      { provide: LiveBoard, useValue: board },
      { provide: PageRecords, useValue: records },
      { provide: COUNT_PAGE_EVENT, useValue: count },
      { provide: LIVE_PACE, useValue: pace },
      LiveGateway,
    ],
    exports: [LiveGateway],
  };
}
