import type { DynamicModule } from '@nestjs/common';
import { dashboardModule } from './dashboard/dashboard.module.js';
import { Counters } from './health/counters.js';
import { HealthController } from './health/health.controller.js';
import type { Inspector } from './inspector.js';
import { Presence } from './state/presence.js';

class InspectorModule {}

/** HTTP and websocket around an inspector: the page, health, metrics. The road itself needs none of it. */
export function inspectorModule({ board, records, people, presence, counters }: Inspector): DynamicModule {
  return {
    module: InspectorModule,
    imports: [
      dashboardModule({
        board,
        records,
        people,
        count: (event) => counters.count(event, {}),
      }),
    ],
    controllers: [HealthController],
    providers: [
      { provide: Presence, useValue: presence },
      { provide: Counters, useValue: counters },
    ],
  };
}
