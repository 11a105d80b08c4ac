import { readFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAsync, type MqttClient } from 'mqtt';
import { messageOf, Topics } from '#contracts';
import { tellParent } from '#contracts/tell-parent';
import type { FromStation, Phase, PhaseFigures, StationOrder, ToStation } from './station.js';

// Entry of a process that is all cameras of a station and its gate: sends frames at a pace, hears the verdicts.

const LOST_AFTER_MS = 3_000;
const GLANCE_MS = 1;
/** Publishes that the broker has not acknowledged; beyond it cameras wait, whatever the pace. */
const MOST_UNACKNOWLEDGED = 256;

interface Heard {
  readonly frameId: string;
  readonly verdict: string;
  readonly reason: string;
  readonly late: boolean;
  readonly model: { readonly id: string; readonly runtime?: string; readonly precision?: string } | null;
}

let sending: Sending | null = null;

process.on('message', (order: ToStation) => void obey(order).catch(fail));
process.on('disconnect', () => process.exit(0));

async function obey(order: ToStation): Promise<void> {
  switch (order.kind) {
    case 'open':
      sending = await Sending.open(order);
      say({ kind: 'opened' });
      return;
    case 'answered':
      sending?.answer(order.frames);
      return;
    case 'awaitReady':
      sending?.awaitReady();
      return;
    case 'end':
      sending?.end();
      return;
    case 'phase':
      if (sending !== null) say({ kind: 'ended', figures: await sending.run(order) });
  }
}

function say(answer: FromStation): void {
  void tellParent(answer);
}

function fail(error: unknown): void {
  say({ kind: 'failed', message: messageOf(error) });
}

class Sending {
  private readonly sentAt = new Map<string, number>();
  private readonly readyCameras = new Set<string>();
  private isWaiting = false;
  private count = 0;
  private unacknowledged = 0;
  private isCounted = false;
  private figures = emptyFigures();
  private onAnswer: () => void = () => undefined;
  private onEnd: () => void = () => undefined;
  private model: string | null = null;

  private constructor(
    private readonly order: StationOrder,
    private readonly topics: Topics,
    private readonly cameras: MqttClient,
    private readonly frames: readonly Buffer[],
  ) {}

  static async open(order: StationOrder): Promise<Sending> {
    const frames = await Promise.all(order.frames.map((file) => readFile(file)));
    const topics = new Topics(order.station);
    const [cameras, gate] = [await connect(order.brokerUrl), await connect(order.brokerUrl)];
    const made = new Sending(order, topics, cameras, frames);
    gate.on('message', (topic, payload) => made.hear(topic, payload));
    await gate.subscribeAsync([topics.everyCamera('verdict'), topics.everyCamera('state')], { qos: 1 });
    return made;
  }

  awaitReady(): void {
    this.isWaiting = true;
    this.tellReady();
  }

  /** Nothing counts any more. */
  end(): void {
    this.onEnd();
  }

  /** Somebody else took so many frames: as good as their verdicts. */
  answer(frames: number): void {
    let left = frames;
    for (const frameId of this.sentAt.keys()) {
      if (left === 0) break;
      this.sentAt.delete(frameId);
      left -= 1;
    }
    if (this.isCounted) this.figures.answered += frames;
    this.onAnswer();
  }

  async run(phase: Phase): Promise<PhaseFigures> {
    this.sentAt.clear();
    this.figures = emptyFigures();
    const end = new AbortController();
    const sending = phase.pace.kind === 'window' ? this.keepUp(phase, end.signal) : this.keepPace(phase, end.signal);
    await wait(phase.warmSeconds * 1_000);
    say({ kind: 'began' });
    this.isCounted = true;
    const startedAt = performance.now();
    await new Promise<void>((resolve) => (this.onEnd = resolve));
    this.isCounted = false;
    const seconds = (performance.now() - startedAt) / 1_000;
    end.abort();
    this.onAnswer();
    await sending;
    const { figures } = this;
    const lost = phase.answeredBy === 'parent' ? 0 : await this.awaitRest();
    return { ...figures, seconds, lost, latenciesMs: figures.latenciesMs.sort((a, b) => a - b) };
  }

  private async keepUp({ pace }: Phase, signal: AbortSignal): Promise<void> {
    const window = pace.kind === 'window' ? pace.frames : 0;
    while (!signal.aborted) {
      while (this.sentAt.size < window && this.unacknowledged < MOST_UNACKNOWLEDGED) this.send();
      await new Promise<void>((resolve) => (this.onAnswer = resolve));
    }
  }

  private async keepPace({ pace }: Phase, signal: AbortSignal): Promise<void> {
    const everyMs = 1_000 / (pace.kind === 'rate' ? pace.framesPerSecond : 1);
    for (let dueAt = performance.now(); !signal.aborted; dueAt += everyMs) {
      while (performance.now() < dueAt) await wait(Math.max(GLANCE_MS, dueAt - performance.now()));
      if (!signal.aborted && this.unacknowledged < MOST_UNACKNOWLEDGED) this.send();
    }
  }

  private send(): void {
    const { cameras } = this.order;
    const number = this.count++;
    const camera = cameras[number % cameras.length] ?? '';
    // Each camera shows another picture every time.
    const picture = this.frames[(number + Math.floor(number / cameras.length)) % this.frames.length];
    if (picture === undefined) return;
    const frameId = `${process.pid}-${number}`;
    const seq = String(Math.floor(number / cameras.length));
    const userProperties = { frameId, partId: frameId, seq, bootId: String(process.pid) };
    this.sentAt.set(frameId, performance.now());
    this.unacknowledged += 1;
    this.cameras.publish(
      this.topics.camera(camera, 'frame'),
      picture,
      { qos: 1, properties: { userProperties } },
      () => {
        this.unacknowledged -= 1;
      },
    );
  }

  private hear(topic: string, payload: Buffer): void {
    const camera = this.topics.cameraOf(topic, 'state');
    if (camera !== null) {
      const { state } = JSON.parse(payload.toString()) as { state: string };
      if (state === 'READY') this.readyCameras.add(camera);
      else this.readyCameras.delete(camera);
      this.tellReady();
      return;
    }
    const { frameId, verdict, reason, late, model } = JSON.parse(payload.toString()) as Heard;
    const sentAt = this.sentAt.get(frameId);
    if (sentAt === undefined) return;
    this.sentAt.delete(frameId);
    const { figures } = this;
    if (late) figures.late += 1;
    if (verdict !== 'PASS') figures.notPassed[reason] = (figures.notPassed[reason] ?? 0) + 1;
    const where = model === null ? 'none' : [model.id, model.runtime, model.precision].join(' ');
    figures.models[where] = (figures.models[where] ?? 0) + 1;
    if (model !== null && model.id !== this.model) {
      this.model = model.id;
      say({ kind: 'model', id: model.id });
    }
    if (this.isCounted) {
      figures.answered += 1;
      figures.latenciesMs.push(performance.now() - sentAt);
    }
    this.onAnswer();
  }

  private tellReady(): void {
    if (!this.isWaiting || this.readyCameras.size < this.order.cameras.length) return;
    this.isWaiting = false;
    say({ kind: 'ready', at: Date.now() });
  }

  private async awaitRest(): Promise<number> {
    const until = performance.now() + LOST_AFTER_MS;
    while (this.sentAt.size > 0 && performance.now() < until) {
      const answered = new Promise<void>((resolve) => (this.onAnswer = resolve));
      await Promise.race([answered, wait(until - performance.now())]);
    }
    return this.sentAt.size;
  }
}

function emptyFigures() {
  const counts: Record<string, number> = {};
  const models: Record<string, number> = {};
  const latenciesMs: number[] = [];
  return { answered: 0, late: 0, latenciesMs, notPassed: counts, models };
}

async function connect(url: string): Promise<MqttClient> {
  const client = await connectAsync(url, { protocolVersion: 5, reconnectPeriod: 0 });
  if (client.stream instanceof Socket) client.stream.setNoDelay(true);
  return client;
}
