import type { ErrorWithReasonCode } from 'mqtt';
import type { Topics } from '#contracts';

/** Reasons of a PUBACK that stay until a person changes something: not authorised, topic name invalid (MQTT 5, 3.4.2.1). */
const NOT_ALLOWED: ReadonlySet<number> = new Set([0x87, 0x90]);
/** What a gate cannot do without. */
const FOR_GATE: ReadonlySet<string> = new Set(['inspector', 'state', 'verdict', 'part']);

/** A topic of ours that the broker takes nothing on. */
export interface Refusal {
  readonly topic: string;
  readonly reason: string;
  /** Without it a gate hears no verdict, or believes none. */
  readonly isForGate: boolean;
  /** Whose topic it is; null = the whole inspector's. */
  readonly camera: string | null;
  /** When it was refused last, monotonic ms. */
  readonly atMs: number;
}

export interface RefusalsOptions {
  readonly topics: Pick<Topics, 'cameraOf'>;
  /** A topic came to those that the broker takes nothing on, or left them. */
  readonly onRefused: (refusals: readonly Refusal[]) => void;
}

/** Topics of ours that the broker takes nothing on, over one connection. */
export class Refusals {
  /** By topic. */
  private readonly byTopic = new Map<string, Refusal>();

  constructor(private readonly options: RefusalsOptions) {}

  get all(): readonly Refusal[] {
    return [...this.byTopic.values()];
  }

  /** Of topics that are ours alone: where a reply goes is the asker's choice. @param name of what was to be said there */
  note(name: string, topic: string, { code, message: reason }: ErrorWithReasonCode): void {
    if (NOT_ALLOWED.has(code) && name !== 'reply') this.add(topic, reason, FOR_GATE.has(name));
  }

  /** Our own state there was acknowledged and does not come back. */
  noteUnheard(topic: string): void {
    this.add(topic, 'no word of its own comes back from there', true);
  }

  /** The broker took something there. */
  forget(topic: string): void {
    if (this.byTopic.delete(topic)) this.tell();
  }

  /** Connected anew: nobody knows yet. */
  forgetAll(): void {
    if (this.byTopic.size === 0) return;
    this.byTopic.clear();
    this.tell();
  }

  private add(topic: string, reason: string, isForGate: boolean): void {
    const { topics } = this.options;
    const camera = topics.cameraOf(topic, 'verdict') ?? topics.cameraOf(topic, 'state');
    const isNews = !this.byTopic.has(topic);
    this.byTopic.set(topic, { topic, reason, isForGate, camera, atMs: performance.now() });
    if (isNews) this.tell();
  }

  private tell(): void {
    this.options.onRefused(this.all);
  }
}

/** For a person: what is refused, and what to do. */
export function sayRefusals(refusals: readonly Refusal[]): string {
  const topics = refusals.map(({ topic, reason }) => `${topic} (${reason})`).join(', ');
  return `The broker takes nothing from this inspector on ${topics}. Let it write there, and read all states, as config/mosquitto-acl.example does; check inspector.id and inspector.station.`;
}
