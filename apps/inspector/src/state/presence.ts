import { setTimeout as wait } from 'node:timers/promises';
import type { CameraClaim, CameraState, InspectorState, Region } from '#contracts';
import type { LiveBoard } from '../dashboard/live-board.js';
import type { Reporter } from '../health/reporter.js';
import type { Lineup } from '../inference/lineup.js';
import type { Ingest } from '../mqtt/ingest.js';
import type { Publisher } from '../mqtt/publisher.js';
import type { Recipes } from '../recipes.js';
import { ANNOUNCE_MS, type CameraClaims } from './camera-claims.js';
import { type OverallReason, problemOf } from './camera-problem.js';
import type { Holds } from './holds.js';
import type { Pulse } from './pulse.js';
import type { Storage } from './storage.js';

/** Heartbeat and look at disk and ledger (line contract: 1 Hz). */
const BEAT_MS = 1_000;
/** Retained states of others arrive with the subscription; after this nobody else is there. */
const SETTLE_MS = 250;

/** Beats after which it is said again that this inspector is there. */
const ANNOUNCE_BEATS = ANNOUNCE_MS / BEAT_MS;
/** Beats after which what the broker refused is said again: somebody may have mended its rules. */
const ASK_AGAIN_BEATS = 10;
export interface PresenceOptions {
  readonly inspectorId: string;
  readonly bootId: string;
  readonly recipes: Pick<Recipes, 'byCamera' | 'cameras' | 'roiOf' | 'deadlineOf'>;
  readonly publisher: Pick<Publisher, 'announce' | 'publishState' | 'refused'>;
  readonly ingest: Pick<Ingest, 'pause' | 'resume' | 'isUp'>;
  readonly lineup: Pick<Lineup, 'crewOf' | 'problemOf'>;
  readonly claims: CameraClaims;
  readonly holds: Pick<Holds, 'of'>;
  readonly storage: Pick<Storage, 'stall' | 'look'>;
  readonly pulse: Pick<Pulse, 'beat'>;
  readonly board: Pick<LiveBoard, 'showCamera'>;
  readonly reporter: Pick<Reporter, 'cameraState'>;
}

/** Is each camera inspected right now, and if not, why: tells gates, pages and people, once a second and on change. */
export class Presence {
  /** STARTING until the broker is there or known to be away. */
  private readonly overall = new Map<OverallReason, string>([['STARTING', 'The inspector is starting.']]);
  private readonly states = new Map<string, CameraState>();
  /** Cameras that this inspector has, since the broker is there: it alone speaks on their state topics. */
  private readonly held = new Set<string>();
  /** Cameras that another has, as it was when somebody could be asked. */
  private readonly taken = new Set<string>();
  /** Beat in which the word on a camera was last repeated. */
  private readonly answered = new Map<string, number>();
  private timer: NodeJS.Timeout | null = null;
  private beats = 0;
  /** At the last beat: no other process runs under our id. */
  private wasAlone = true;
  /** The connection on which others are heard; null while there is none. */
  private link: symbol | null = null;
  private isSettled = false;
  private settledAt = 0;

  constructor(private readonly options: PresenceOptions) {}

  /** Before the broker is spoken to: no camera is READY and no frame is taken on a disk nobody looked at. */
  async start(): Promise<void> {
    await this.lookAtStorage();
    this.timer = setInterval(() => this.beat(), BEAT_MS);
    await this.refresh();
  }

  /** The last word to every camera: NOT_READY(STOPPING). */
  async stop(): Promise<void> {
    if (this.timer !== null) clearInterval(this.timer);
    this.overall.set('STOPPING', 'The inspector is stopping.');
    await this.refresh();
  }

  set(reason: OverallReason, detail: string): void {
    const isNews = this.overall.get(reason) !== detail;
    this.overall.set(reason, detail);
    if (reason === 'BROKER') {
      this.overall.delete('STARTING');
      this.link = null;
    }
    if (reason === 'LEDGER' || reason === 'DISK') this.options.ingest.pause();
    if (isNews) void this.refresh();
  }

  clear(reason: OverallReason): void {
    if (!this.overall.delete(reason)) return;
    const isStorage = reason === 'LEDGER' || reason === 'DISK';
    if (isStorage && !this.isStorageBad && this.isSettled) this.options.ingest.resume();
    void this.refresh();
  }

  /** Connected anew: while the broker was away, others may have taken our cameras. */
  listening(): void {
    this.link = Symbol();
    this.isSettled = false;
    this.options.claims.forgetAll();
    this.held.clear();
  }

  /** The broker is there: wait for what others say, then speak and take frames. */
  async connected(): Promise<void> {
    const { link } = this;
    await wait(SETTLE_MS);
    // It broke meanwhile: the next one settles by itself, on what is told there.
    if (link === null || link !== this.link) return;
    this.isSettled = true;
    await this.announce();
    // A broker that acknowledges nothing is as good as away.
    if (link !== this.link) return;
    this.settledAt = performance.now();
    this.overall.delete('STARTING');
    this.overall.delete('BROKER');
    await this.sayStates();
    if (link === this.link && !this.isStorageBad) this.options.ingest.resume();
  }

  /** Our birth, to whoever listens; a twin under our id has the word there. */
  private async announce(): Promise<void> {
    const { publisher, claims } = this.options;
    if (!claims.isDoubled()) await publisher.announce();
  }

  private async sayStates(): Promise<void> {
    await this.refresh();
    await Promise.all(this.cameraStates.map((state) => this.publish(state)));
  }

  /** Somebody spoke under our inspector's id or about our cameras. */
  heardInspector(state: InspectorState): void {
    const { claims, bootId, inspectorId, publisher } = this.options;
    claims.hearInspector(state);
    if (!this.isSettled) return;
    const isOverOurs = state.inspectorId === inspectorId && state.bootId !== bootId;
    // A twin that left took our birth with it; a younger twin has to hear that we are here.
    if (isOverOurs && (state.state === 'OFFLINE' || bootId < state.bootId)) void publisher.announce();
    void this.refresh();
  }

  heardCamera(state: CameraClaim): void {
    const { claims, bootId } = this.options;
    claims.hearCamera(state);
    if (!this.isSettled || state.bootId === bootId) return;
    const own = this.states.get(state.camera);
    void this.refresh().then(() => {
      if (own !== undefined && own === this.states.get(state.camera)) return this.answer(own);
    });
  }

  /** Somebody spoke over us: say it again. Once a second at most, or two that know nothing of each other never end. */
  private async answer(own: CameraState): Promise<void> {
    if (own.reason === 'STOPPING' || this.answered.get(own.camera) === this.beats) return;
    this.answered.set(own.camera, this.beats);
    await this.publish(own);
  }

  /** Frames of this camera are ours to inspect, and commands to it ours to carry out: these come before it is settled who has it. */
  isOurs(camera: string): boolean {
    if (this.taken.has(camera)) return false;
    return this.held.has(camera) || this.options.claims.holderOf(camera, false) === null;
  }

  /** States of all cameras, newest. */
  get cameraStates(): CameraState[] {
    return [...this.states.values()];
  }

  get readyCameras(): number {
    return this.cameraStates.filter(({ state }) => state === 'READY').length;
  }

  /** Look again at every camera; tell what changed. Resolves when the broker has it, which may hang: page and log wait for none. */
  async refresh(): Promise<void> {
    const changed = this.options.recipes.cameras.flatMap((camera) => this.look(camera) ?? []);
    await Promise.all(changed.map((state) => this.publish(state)));
  }

  /** @returns its state where that is another one now */
  private look(camera: string): CameraState | null {
    const { reporter, recipes, board } = this.options;
    const state = this.judge(camera);
    if (this.isSettled) this.assign(camera, state.reason === 'CAMERA_TAKEN');
    const before = this.states.get(camera);
    if (before !== undefined && isSame(before, state)) return null;
    this.states.set(camera, state);
    reporter.cameraState(state);
    const deadlineMs = recipes.deadlineOf(state.recipe ?? '', camera);
    board.showCamera({ camera, state, roi: this.regionOf(camera), deadlineMs });
    return state;
  }

  private assign(camera: string, isTaken: boolean): void {
    const [now, before] = isTaken ? [this.taken, this.held] : [this.held, this.taken];
    now.add(camera);
    before.delete(camera);
  }

  /** The state topic belongs to the camera's holder: who found it taken says nothing there. */
  private async publish(state: CameraState): Promise<void> {
    if (this.held.has(state.camera)) await this.options.publisher.publishState(state);
  }

  private get isStorageBad(): boolean {
    return this.overall.has('LEDGER') || this.overall.has('DISK');
  }

  private judge(camera: string): CameraState {
    const { overall, held, settledAt, options } = this;
    const { inspectorId, bootId, recipes, lineup } = options;
    const recipe = recipes.byCamera.get(camera) ?? null;
    const problem = problemOf(camera, options, { overall, isHeld: held.has(camera), settledAt });
    const crew = recipe === null ? null : lineup.crewOf(recipe);
    return {
      schema: 'vision.state/1',
      camera,
      state: problem === null ? 'READY' : 'NOT_READY',
      reason: problem?.reason ?? null,
      detail: problem?.detail ?? null,
      inspectorId,
      bootId,
      model: crew?.modelId ?? null,
      place: crew?.ready?.place ?? null,
      recipe,
      ts: new Date().toISOString(),
    };
  }

  /** The region really inspected: the recipe's, else the card's. */
  private regionOf(camera: string): Region | null {
    const { recipes, lineup } = this.options;
    const recipe = recipes.byCamera.get(camera) ?? '';
    return recipes.roiOf(recipe, camera) ?? lineup.crewOf(recipe)?.ready?.card.preprocess.roi ?? null;
  }

  /** Nothing is awaited: the heartbeat goes on while a disk or the broker hangs. */
  private beat(): void {
    const { storage, pulse, publisher, claims } = this.options;
    this.beats += 1;
    if (storage.stall !== null) this.set('LEDGER', storage.stall);
    void this.lookAtStorage();
    pulse.beat((camera) => this.isSettled && this.isOurs(camera));
    void this.refresh();
    // At once where a twin was only one that the broker remembered.
    const isAlone = !claims.isDoubled();
    if (this.isSettled && isAlone && (!this.wasAlone || this.beats % ANNOUNCE_BEATS === 0)) void publisher.announce();
    this.wasAlone = isAlone;
    if (publisher.refused.length > 0 && this.beats % ASK_AGAIN_BEATS === 0 && this.isSettled) void this.speak();
  }

  private async speak(): Promise<void> {
    await this.announce();
    await this.sayStates();
  }

  private lookAtStorage(): Promise<void> {
    return this.options.storage.look(this.overall.has('LEDGER'), (reason, problem) => {
      if (problem === null) this.clear(reason);
      else this.set(reason, problem);
    });
  }
}

function isSame(a: CameraState, b: CameraState): boolean {
  const isSameWord = a.state === b.state && a.reason === b.reason && a.detail === b.detail;
  return isSameWord && a.model === b.model && a.recipe === b.recipe;
}
