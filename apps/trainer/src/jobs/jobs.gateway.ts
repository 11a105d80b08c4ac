import { Inject } from '@nestjs/common';
import {
  ConnectedSocket,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { JOBS_PATH, type Job, type JobsDelta, type JobsSnapshot } from '#contracts';
import { JobChanges } from './job-changes.js';
import { JobQueue } from './job-queue.js';

/** Tells pages how the jobs go: `snapshot` on connect and on `resync`, then one numbered `delta` per change. */
@WebSocketGateway({ path: JOBS_PATH, serveClient: false, transports: ['websocket'] })
export class JobsGateway implements OnGatewayInit<Server>, OnGatewayConnection<Socket> {
  private sequence = 0;

  constructor(
    @Inject(JobQueue) private readonly queue: JobQueue,
    @Inject(JobChanges) private readonly changes: JobChanges,
  ) {}

  afterInit(server: Server): void {
    this.changes.onChange = (job: Job) => {
      this.sequence += 1;
      server.emit('delta', { sequence: this.sequence, job } satisfies JobsDelta);
    };
  }

  handleConnection(client: Socket): void {
    this.resync(client);
  }

  @SubscribeMessage('resync')
  resync(@ConnectedSocket() client: Socket): void {
    client.emit('snapshot', { sequence: this.sequence, jobs: this.queue.list() } satisfies JobsSnapshot);
  }
}
