import { z } from 'zod';

/** At most as long as other names: MQTT takes topics of 65,535 bytes. */
const SEGMENT = /^[a-z0-9][a-z0-9_-]{0,127}$/;
/** Words that stand where a camera name could stand in a topic. */
const RESERVED = new Set(['part', 'inspector', 'alert', 'reply']);

/** One lower-case level of a topic. */
export const TopicSegment = z
  .string()
  .regex(SEGMENT, 'expected lower case letters, digits, - and _, no slash or wildcard, at most 128 in all');
/** A camera's name: a topic level that is not `part`, `inspector`, `alert` or `reply`. */
export const CameraName = TopicSegment.refine((name) => !RESERVED.has(name), {
  error: '`part`, `inspector`, `alert` and `reply` are no legal camera names',
});
/** ISA-95 place of a station, as in `acme/north/assembly/line1/st10`. */
export const StationPath = z
  .string()
  .refine((path) => path.split('/').length === 5 && path.split('/').every((level) => SEGMENT.test(level)), {
    error: 'expected {enterprise}/{site}/{area}/{line}/{station} in lower case, at most 128 letters each',
  });

export type CameraTopic = 'frame' | 'verdict' | 'record' | 'state' | 'heartbeat' | 'cmd';

/** Every topic of one station; the only place where topic strings are put together or taken apart. */
export class Topics {
  readonly base: string;

  /** @param station `{enterprise}/{site}/{area}/{line}/{station}` */
  constructor(station: string) {
    this.base = `${StationPath.parse(station)}/vision/v1`;
  }

  camera(camera: string, topic: CameraTopic): string {
    return `${this.base}/${CameraName.parse(camera)}/${topic}`;
  }

  partVerdict(): string {
    return `${this.base}/part/verdict`;
  }

  inspectorState(inspectorId: string): string {
    return `${this.base}/inspector/${TopicSegment.parse(inspectorId)}/state`;
  }

  /** Filter for the states of all inspectors of the station. */
  everyInspectorState(): string {
    return `${this.base}/inspector/+/state`;
  }

  alert(): string {
    return `${this.base}/alert`;
  }

  /** Where somebody hears the replies to its commands; `client` tells askers apart. */
  reply(client: string): string {
    return `${this.base}/reply/${TopicSegment.parse(client)}`;
  }

  /** False for topics of this station that belong to somebody else, and for filters: nobody may be answered there. */
  isReply(topic: string): boolean {
    if (topic === '' || topic.startsWith('$') || /[+#\0]/.test(topic)) return false;
    return !topic.startsWith(`${this.base}/`) || topic.startsWith(`${this.base}/reply/`);
  }

  /** Filter for one kind of message of all cameras, e.g. for a viewer. */
  everyCamera(topic: CameraTopic): string {
    return `${this.base}/+/${topic}`;
  }

  /** Camera name of a topic of this station, or null when it is another's. */
  cameraOf(topic: string, kind: CameraTopic): string | null {
    if (!topic.startsWith(`${this.base}/`)) return null;
    const [camera, tail, ...rest] = topic.slice(this.base.length + 1).split('/');
    return camera !== undefined && tail === kind && rest.length === 0 && CameraName.safeParse(camera).success
      ? camera
      : null;
  }
}
