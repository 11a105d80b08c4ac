import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, describe, it } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { CameraState, InspectorState } from '#contracts';
import { tempDir } from '../../../../test/factories/tools.js';
import { until } from '../../../../test/factories/until.js';
import type { Problem } from '../inference/lineup.js';
import type { Refusal } from '../mqtt/refusals.js';
import { CameraClaims } from './camera-claims.js';
import { Holds } from './holds.js';
import { Presence, type PresenceOptions } from './presence.js';
import { Storage } from './storage.js';

/** The broker of a station, as far as states go: it keeps the last word on each topic and tells all who are connected. */
class Station {
  readonly retained = new Map<string, CameraState | InspectorState>();
  private readonly members = new Set<Member>();

  /** The word on the camera that gates and pages hear. */
  get word(): string {
    const state = this.retained.get('cam1') as CameraState | undefined;
    return `${state?.inspectorId} ${state?.reason ?? state?.state}`;
  }

  /** @param by null: the broker itself, of one who is gone */
  publish(topic: string, state: CameraState | InspectorState, by: Member | null): void {
    if (by !== null && !this.members.has(by)) return;
    this.retained.set(topic, state);
    for (const member of this.members) member.hear(state);
  }

  async connect(member: Member): Promise<void> {
    member.presence.listening();
    this.members.add(member);
    for (const state of this.retained.values()) member.hear(state);
    await member.presence.connected();
  }

  /** Its link breaks: the broker says its last will. */
  cut(member: Member): void {
    this.members.delete(member);
    this.publish(member.id, member.word('OFFLINE'), null);
    member.presence.set('BROKER', 'The connection was lost.');
  }

  /** The broker ends without saying any last will. */
  restart(): void {
    const members = [...this.members];
    this.members.clear();
    for (const member of members) member.presence.set('BROKER', 'The connection was lost.');
  }
}

/** Of the frames: there when a test says so. */
class Subscription {
  isPaused = true;

  constructor(private readonly isThere: () => boolean) {}

  get isUp(): boolean {
    return this.isThere();
  }

  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
  }
}

/** One inspector of one camera, whose model is always ready. */
class Member {
  readonly presence: Presence;
  readonly holds = new Holds(() => this.presence.refresh());
  problem: Problem | null = null;
  isSubscribed = true;
  /** The broker's word on the birth. */
  greeted: Promise<void> = Promise.resolve();
  /** The broker's word on what was published of the camera. */
  acknowledged: Promise<void> = Promise.resolve();
  readonly ingest = new Subscription(() => this.isSubscribed);
  private readonly publisher;
  beats = 0;
  /** Takes nothing until a test says so. */
  readonly ledger = { setCursor: (): Promise<void> => Promise.reject(new Error('full')), waitingMs: () => 0 };

  constructor(
    readonly id: string,
    private readonly bootId: string,
    private readonly station: Station,
  ) {
    const about = { inspectorId: id, bootId };
    this.publisher = {
      announce: () => {
        station.publish(id, this.word('ONLINE'), this);
        return this.greeted;
      },
      publishState: (state: CameraState) => {
        station.publish(state.camera, state, this);
        return this.acknowledged;
      },
      refused: [] as readonly Refusal[],
    };
    const options: PresenceOptions = {
      ...about,
      recipes: { byCamera: new Map([['cam1', 'chip']]), cameras: ['cam1'], roiOf: () => null, deadlineOf: () => 100 },
      publisher: this.publisher,
      ingest: this.ingest,
      lineup: { crewOf: () => null, problemOf: () => this.problem },
      claims: new CameraClaims(about),
      holds: this.holds,
      storage: new Storage({ dataDir: tempDir(), diskFreeBytes: 0, ledgerFile: '', ledger: this.ledger }),
      pulse: {
        beat: () => {
          this.beats += 1;
        },
      },
      board: { showCamera: () => undefined },
      reporter: { cameraState: () => undefined },
    };
    this.presence = new Presence(options);
  }

  /** Everything but the broker. */
  async begin(): Promise<this> {
    await this.presence.start();
    after(() => this.presence.stop());
    return this;
  }

  async start(): Promise<this> {
    await this.begin();
    await this.station.connect(this);
    return this;
  }

  hear(state: CameraState | InspectorState): void {
    if (state.schema === 'vision.state/1') this.presence.heardCamera(state);
    else this.presence.heardInspector(state);
  }

  word(state: InspectorState['state']): InspectorState {
    return {
      schema: 'vision.inspector/1',
      inspectorId: this.id,
      bootId: this.bootId,
      state,
      ts: '2026-01-02T03:04:05Z',
    };
  }

  /** What the broker refuses now. */
  refuse(refusals: readonly Refusal[]): Promise<void> {
    this.publisher.refused = refusals;
    return this.presence.refresh();
  }

  /** What it says itself of the camera. */
  get says(): string {
    const [state] = this.presence.cameraStates;
    return state?.reason ?? state?.state ?? 'nothing';
  }
}

/** Two inspectors on one camera; the older one is there first. */
async function startBoth() {
  const station = new Station();
  const older = await new Member('older', 'boot-1', station).start();
  const younger = await new Member('younger', 'boot-2', station).start();
  return { station, older, younger };
}

/** Until everybody has answered what everybody said. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}

describe('two inspectors on one camera', () => {
  it('promise 8: one has it and the other stands by, saying nothing on its state topic', async () => {
    const { station, older, younger } = await startBoth();
    assert.deepEqual([older.says, younger.says, station.word], ['READY', 'CAMERA_TAKEN', 'older READY']);
    assert.deepEqual([older.presence.isOurs('cam1'), younger.presence.isOurs('cam1')], [true, false]);
  });

  it('one that comes carries out no command to the other one’s camera, from the first word it hears', async () => {
    const station = new Station();
    const older = await new Member('older', 'boot-1', station).start();
    const younger = await new Member('younger', 'boot-2', station).begin();
    const connecting = station.connect(younger);
    assert.deepEqual([older.presence.isOurs('cam1'), younger.presence.isOurs('cam1')], [true, false]);
    await connecting;
    station.cut(older);
    await settle();
    assert.equal(younger.presence.isOurs('cam1'), true);
  });

  it('the one that stands by takes over, and keeps the camera when the first is back', async () => {
    const { station, older, younger } = await startBoth();
    station.cut(older);
    await settle();
    assert.deepEqual([younger.says, station.word], ['READY', 'younger READY']);
    await station.connect(older);
    await settle();
    assert.deepEqual([older.says, younger.says, station.word], ['CAMERA_TAKEN', 'READY', 'younger READY']);
    station.cut(younger);
    await settle();
    assert.deepEqual([older.says, station.word], ['READY', 'older READY']);
  });

  it('trouble of the one that stands by is no news on the camera, and does not keep it from the other later', async () => {
    const { station, older, younger } = await startBoth();
    younger.presence.set('LEDGER', 'disk full');
    await settle();
    assert.equal(station.word, 'older READY');
    await older.holds.set('cam1', 'CHANGEOVER', 'another recipe');
    await settle();
    assert.deepEqual([older.says, station.word], ['CHANGEOVER', 'older CHANGEOVER']);
    await older.holds.clear('cam1', 'CHANGEOVER');
    await settle();
    assert.deepEqual([older.says, station.word], ['READY', 'older READY']);
  });

  it('that come at one moment settle on the older, whatever else is wrong with it', async () => {
    const station = new Station();
    const members = [new Member('older', 'boot-1', station), new Member('younger', 'boot-2', station)] as const;
    const [older, younger] = members;
    older.problem = { reason: 'NO_MODEL', detail: 'nothing promoted' };
    for (const member of members) await member.begin();
    await Promise.all(members.map((member) => station.connect(member)));
    await settle();
    assert.deepEqual([older.says, younger.says, station.word], ['NO_MODEL', 'CAMERA_TAKEN', 'older NO_MODEL']);
    older.problem = null;
    await older.presence.refresh();
    await settle();
    assert.deepEqual([older.says, younger.says, station.word], ['READY', 'CAMERA_TAKEN', 'older READY']);
  });

  it('find each other again after the broker was away', async () => {
    const { station, older, younger } = await startBoth();
    for (const first of [
      [younger, older],
      [older, younger],
    ]) {
      station.restart();
      await Promise.all(first.map((member) => station.connect(member)));
      await settle();
      assert.deepEqual([older.says, younger.says].toSorted(), ['CAMERA_TAKEN', 'READY']);
      assert.match(station.word, /READY$/);
    }
  });
});

describe('an inspector that starts', () => {
  it('says STARTING, which is no trouble, until it knows more of the broker', async () => {
    const station = new Station();
    const member = await new Member('one', 'boot-1', station).begin();
    assert.equal(member.says, 'STARTING');
    member.isSubscribed = false;
    await station.connect(member);
    assert.equal(member.says, 'STARTING');
    member.isSubscribed = true;
    await member.presence.refresh();
    assert.equal(member.says, 'READY');
  });

  it('says BROKER where none is there', async () => {
    const member = await new Member('one', 'boot-1', new Station()).begin();
    member.presence.set('BROKER', 'It cannot be reached.');
    assert.equal(member.says, 'BROKER');
  });
});

describe('an inspector that the broker does not let speak', () => {
  const refusal = { topic: 'a/verdict', reason: 'Not authorized', isForGate: true, camera: 'cam1', atMs: 0 };

  it('is NOT_READY(BROKER) where a gate would not hear it, and only there', async () => {
    const member = await new Member('one', 'boot-1', new Station()).start();
    for (const [other, word] of [
      [{ isForGate: false }, 'READY'],
      [{ camera: 'cam2' }, 'READY'],
      [{}, 'BROKER'],
      [{ camera: null }, 'BROKER'],
      // Only a frame can ask whether the rules were mended.
      [{ atMs: performance.now() - 60_000 }, 'READY'],
      [{ atMs: performance.now() - 50_000 }, 'BROKER'],
    ] as const) {
      await member.refuse([{ ...refusal, atMs: performance.now(), ...other }]);
      assert.equal(member.says, word);
    }
    assert.match(member.presence.cameraStates[0]?.detail ?? '', /nothing from this inspector on a\/verdict \(Not auth/);
    await member.refuse([]);
    assert.equal(member.says, 'READY');
  });
});

describe('an inspector whose broker', () => {
  it('is gone again before it has settled says so until another connection has', async () => {
    const station = new Station();
    const member = new Member('one', 'boot-1', station);
    await member.presence.start();
    after(() => member.presence.stop());
    const first = station.connect(member);
    station.cut(member);
    await first;
    assert.deepEqual([member.says, station.word], ['BROKER', 'undefined undefined']);
    await station.connect(member);
    assert.deepEqual([member.says, station.word], ['READY', 'one READY']);
  });

  it('is gone again while it hears the first words takes no frame before another has settled', async () => {
    const station = new Station();
    const member = await new Member('one', 'boot-1', station).begin();
    const silent = new AbortController();
    member.acknowledged = once(silent.signal, 'abort').then(() => undefined);
    const first = station.connect(member);
    await until(() => station.word === 'one READY', 'the first words');
    station.cut(member);
    silent.abort();
    await first;
    assert.equal(member.ingest.isPaused, true);
    await station.connect(member);
    assert.equal(member.ingest.isPaused, false);
  });

  it('promise 5: does not acknowledge its birth is as good as away: NOT_READY(BROKER), and no frame is taken', async () => {
    const station = new Station();
    const member = await new Member('one', 'boot-1', station).begin();
    const silent = new AbortController();
    member.greeted = once(silent.signal, 'abort').then(() => undefined);
    member.presence.set('BROKER', 'Silent.');
    const first = station.connect(member);
    await until(() => station.retained.has('one'), 'its birth');
    await member.presence.refresh();
    assert.deepEqual([member.says, member.ingest.isPaused], ['BROKER', true]);
    station.cut(member);
    silent.abort();
    await first;
    assert.deepEqual([member.says, member.ingest.isPaused], ['BROKER', true]);
    await station.connect(member);
    assert.deepEqual([member.says, station.word, member.ingest.isPaused], ['READY', 'one READY', false]);
  });

  it('acknowledges nothing goes on beating, and sees what changes', async () => {
    const station = new Station();
    const member = await new Member('one', 'boot-1', station).start();
    const silent = new AbortController();
    member.acknowledged = once(silent.signal, 'abort').then(() => undefined);
    member.problem = { reason: 'WORKERS', detail: 'all dead' };
    await until(() => member.says === 'WORKERS', 'NOT_READY(WORKERS)');
    const { beats } = member;
    await until(() => member.beats > beats + 1, 'two heartbeats');
    member.problem = null;
    await until(() => station.word === 'one READY', 'READY');
    silent.abort();
  });
});

describe('an inspector whose disk hangs', () => {
  it('promise 4: takes frames again only when nothing is wrong with ledger and disk', async () => {
    const member = await new Member('one', 'boot-1', new Station()).start();
    assert.equal(member.ingest.isPaused, false);
    member.presence.set('LEDGER', 'disk full');
    assert.equal(member.ingest.isPaused, true);
    member.presence.set('DISK', 'under its watermark');
    member.presence.clear('LEDGER');
    assert.equal(member.ingest.isPaused, true);
    member.presence.clear('DISK');
    assert.equal(member.ingest.isPaused, false);
  });

  it('promise 4: is NOT_READY(LEDGER) though the disk refuses nothing, goes on beating, and is READY when it is back', async () => {
    const station = new Station();
    const member = new Member('one', 'boot-1', station);
    const hung = new AbortController();
    member.ledger.setCursor = () => once(hung.signal, 'abort').then(() => undefined);
    await member.start();
    member.ledger.waitingMs = () => 2_500;
    await until(() => station.word === 'one LEDGER', 'NOT_READY(LEDGER)');
    const { beats } = member;
    await until(() => member.beats > beats + 1, 'two heartbeats');
    member.ledger.waitingMs = () => 0;
    hung.abort();
    await until(() => station.word === 'one READY', 'READY');
  });
});
