import { Inject, type OnModuleDestroy } from '@nestjs/common';
import {
  ConnectedSocket,
  type OnGatewayConnection,
  type OnGatewayInit,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import type { Server, Socket } from 'socket.io';
import { LIVE_PATH } from '#contracts';
import { LiveBoard } from './live-board.js';

/** How often pages hear from us, ms, and how many there may be. Overridden in tests only. */
export interface LivePace {
  readonly tickMs: number;
  /** A delta is sent after this long even when nothing changed: it is the page's proof of life. */
  readonly atMostMs: number;
  /** A page that loses every delta gets a snapshot this often, not more. */
  readonly snapshotMs: number;
  readonly maxPages: number;
}
export const LIVE_PACE = Symbol('LIVE_PACE');

/** What happens to pages that someone should know of: one turned away, one that missed deltas, a delta it missed. */
export type PageEvent = 'pages_refused' | 'pages_resynced' | 'page_deltas_skipped';
export type CountPageEvent = (event: PageEvent) => void;
export const COUNT_PAGE_EVENT = Symbol('COUNT_PAGE_EVENT');

const PACE: LivePace = { tickMs: 100, atMostMs: 1_000, snapshotMs: 1_000, maxPages: 32 };

/**
 * Fans the live board out to its pages: `snapshot` on connect and on `resync`, the same numbered `delta` to all.
 * Deltas are volatile: a page whose socket is still busy misses one, sees the hole and asks again, so nothing ever
 * queues up behind a slow page.
 */
@WebSocketGateway({
  path: LIVE_PATH,
  serveClient: false,
  transports: ['websocket'],
  perMessageDeflate: false,
  // Pages only ever say `resync`.
  maxHttpBufferSize: 4_096,
  pingInterval: 10_000,
  pingTimeout: 5_000,
})
export class LiveGateway implements OnGatewayInit<Server>, OnGatewayConnection<Socket>, OnModuleDestroy {
  private readonly pace: LivePace;
  private readonly owedSnapshots = new Map<Socket, number>();
  private server: Server | null = null;
  private timer: NodeJS.Timeout | null = null;
  private lastDeltaMs = 0;

  constructor(
    @Inject(LiveBoard) private readonly board: LiveBoard,
    @Inject(COUNT_PAGE_EVENT) private readonly count: CountPageEvent,
    @Inject(LIVE_PACE) pace: Partial<LivePace>,
  ) {
    this.pace = { ...PACE, ...pace };
  }

  /** Pages connected now. */
  get pages(): number {
    return this.server?.sockets.sockets.size ?? 0;
  }

  afterInit(server: Server): void {
    this.server = server;
    server.use((_socket, next) => {
      if (this.pages < this.pace.maxPages) return next();
      this.count('pages_refused');
      next(Object.assign(new Error(`At most ${this.pace.maxPages} pages at a time.`), { data: 'TOO_MANY_PAGES' }));
    });
    this.timer = setInterval(() => this.tick(), this.pace.tickMs);
  }

  handleConnection(client: Socket): void {
    this.sendSnapshot(client);
    client.on('disconnect', () => this.owedSnapshots.delete(client));
  }

  /** A page missed a delta: it gets everything again, as soon as its socket is free and not too often. */
  @SubscribeMessage('resync')
  resync(@ConnectedSocket() client: Socket): void {
    this.count('pages_resynced');
    this.owedSnapshots.set(client, (client.data.snapshotAtMs ?? 0) + this.pace.snapshotMs);
  }

  onModuleDestroy(): void {
    if (this.timer !== null) clearInterval(this.timer);
    this.timer = null;
  }

  private tick(): void {
    const nowMs = performance.now();
    for (const [client, dueMs] of this.owedSnapshots) {
      if (nowMs >= dueMs && isFree(client)) this.sendSnapshot(client);
    }
    if (!this.board.hasChanges() && nowMs - this.lastDeltaMs < this.pace.atMostMs) return;
    this.lastDeltaMs = nowMs;
    const delta = this.board.takeDelta(new Date());
    if (this.server === null) return;
    for (const client of this.server.sockets.sockets.values()) if (!isFree(client)) this.count('page_deltas_skipped');
    this.server.volatile.emit('delta', delta);
  }

  private sendSnapshot(client: Socket): void {
    this.owedSnapshots.delete(client);
    client.data.snapshotAtMs = performance.now();
    client.emit('snapshot', this.board.snapshot(new Date()));
  }
}

/** Its last message left this process. */
function isFree(client: Socket): boolean {
  return client.conn.transport.writable;
}
