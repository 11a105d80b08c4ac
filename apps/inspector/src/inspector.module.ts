import type { DynamicModule } from '@nestjs/common';
import { ServeStaticModule } from '@nestjs/serve-static';
import { LiveGateway } from './dashboard/live.gateway.js';
import { LiveBoard } from './dashboard/live-board.js';
import { PageController } from './dashboard/page.controller.js';
import { pageFiles } from './dashboard/page-files.js';
import { PageRecords } from './dashboard/records.js';
import { Counters } from './health/counters.js';
import { HealthController } from './health/health.controller.js';
import type { Inspector } from './inspector.js';
import { Records } from './ledger/records.js';
import { Presence } from './state/presence.js';

class InspectorModule {}

/** HTTP and websocket around an inspector: the page, health, metrics. The road itself needs none of it. */
export function inspectorModule(inspector: Inspector): DynamicModule {
  return {
    module: InspectorModule,
    imports: [ServeStaticModule.forRoot(pageFiles())],
    controllers: [PageController, HealthController],
    providers: [
      { provide: LiveBoard, useValue: inspector.board },
      { provide: PageRecords, useValue: new Records(inspector.pictures, inspector.plant) },
      { provide: Presence, useValue: inspector.presence },
      { provide: Counters, useValue: inspector.counters },
      LiveGateway,
    ],
  };
}
