import { Controller, Get, Header, Inject, ServiceUnavailableException } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { CameraState } from '#contracts';
import { Presence } from '../state/presence.js';
import { Counters } from './counters.js';

/** For supervisors and monitoring: does it run, does it inspect, what did it count. */
@ApiTags('health')
@Controller()
export class HealthController {
  constructor(
    @Inject(Presence) private readonly presence: Presence,
    @Inject(Counters) private readonly counters: Counters,
  ) {}

  @Get('health/live')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'The process answers' })
  @ApiOkResponse({ schema: { type: 'object', properties: { status: { enum: ['live'] } } } })
  live(): { status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ summary: 'Every camera is inspected; otherwise 503 with the reason of each' })
  @ApiOkResponse({ description: 'status and the state of every camera' })
  @ApiServiceUnavailableResponse({ description: 'code NOT_READY and the state of every camera' })
  ready(): { status: 'ready'; cameras: CameraState[] } {
    const cameras = this.presence.cameraStates;
    const isReady = cameras.length > 0 && cameras.every(({ state }) => state === 'READY');
    if (isReady) return { status: 'ready', cameras };
    throw new ServiceUnavailableException({ code: 'NOT_READY', message: 'Not every camera is inspected.', cameras });
  }

  @Get('metrics')
  @Header('Cache-Control', 'no-store')
  @Header('Content-Type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Prometheus metrics' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  metrics(): Promise<string> {
    return this.counters.print();
  }
}
