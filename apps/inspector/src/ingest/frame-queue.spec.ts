import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FrameQueue, type Waiting } from './frame-queue.js';

interface Job extends Waiting {
  readonly name: string;
}

function job(name: string, over: Partial<Job> = {}): Job {
  return { name, recipe: 'chip', camera: 'cam1', byteLength: 10, expiresAt: 1_000, ...over };
}

const names = (jobs: readonly Job[]): string[] => jobs.map(({ name }) => name);
const CHIP = new Set(['chip']);

describe('the queue of frames', () => {
  it('lets cameras take turns', () => {
    const queue = new FrameQueue<Job>({ maxFrames: 100, maxBytes: 10_000 });
    for (const name of ['a1', 'a2', 'a3']) queue.push(job(name), 0);
    for (const name of ['b1', 'b2']) queue.push(job(name, { camera: 'cam2' }), 0);
    assert.deepEqual(names(queue.take({ recipes: CHIP, max: 4 })), ['a1', 'b1', 'a2', 'b2']);
    assert.deepEqual(names(queue.take({ recipes: CHIP, max: 4 })), ['a3']);
  });

  it('gives each model only the frames of its recipes', () => {
    const queue = new FrameQueue<Job>({ maxFrames: 100, maxBytes: 10_000 });
    queue.push(job('chip'), 0);
    queue.push(job('cap', { recipe: 'cap' }), 0);
    assert.deepEqual(names(queue.take({ recipes: new Set(['cap']), max: 9 })), ['cap']);
    assert.equal(queue.waiting(CHIP), 1);
  });

  it('lets everything go whose window is over, with the next frame or when asked, and hands out none of it', () => {
    const queue = new FrameQueue<Job>({ maxFrames: 100, maxBytes: 10_000 });
    queue.push(job('early', { expiresAt: 5 }), 0);
    queue.push(job('in-time'), 0);
    queue.push(job('later', { camera: 'cam2', expiresAt: 15 }), 0);
    assert.deepEqual(names(queue.push(job('next'), 10)), ['early']);
    assert.deepEqual(names(queue.push(job('stale', { expiresAt: 10 }), 10)), ['stale']);
    assert.deepEqual(names(queue.dropOverdue(15)), ['later']);
    assert.deepEqual([queue.held, queue.bytes], [2, 20]);
    assert.deepEqual(names(queue.take({ recipes: CHIP, max: 9 })), ['in-time', 'next']);
  });

  it('asked for some recipes lets go of theirs alone', () => {
    const queue = new FrameQueue<Job>({ maxFrames: 100, maxBytes: 10_000 });
    queue.push(job('chip', { expiresAt: 5 }), 0);
    queue.push(job('cap', { recipe: 'cap', expiresAt: 5 }), 0);
    assert.deepEqual(names(queue.dropOverdue(10, CHIP)), ['chip']);
    assert.deepEqual([queue.held, queue.waiting(new Set(['cap']))], [1, 1]);
  });

  it('is full in frames and in bytes, frames at the workers included', () => {
    const frames = new FrameQueue<Job>({ maxFrames: 2, maxBytes: 10_000 });
    const [first] = [job('1'), frames.push(job('2'), 0)];
    frames.push(first, 0);
    frames.take({ recipes: CHIP, max: 9 });
    assert.deepEqual(names(frames.push(job('3'), 0)), ['3']);
    frames.release(first);
    assert.deepEqual(frames.push(job('4'), 0), []);
    const bytes = new FrameQueue<Job>({ maxFrames: 100, maxBytes: 25 });
    assert.deepEqual(
      ['1', '2', '3'].map((name) => names(bytes.push(job(name), 0))),
      [[], [], ['3']],
    );
    assert.equal(bytes.bytes, 20);
  });

  it('when it is full lets what is overdue go, and only then the newest of the camera that holds most give way', () => {
    const queue = new FrameQueue<Job>({ maxFrames: 3, maxBytes: 10_000 });
    queue.push(job('overdue', { expiresAt: 5 }), 0);
    queue.push(job('a1'), 0);
    queue.push(job('a2'), 0);
    assert.deepEqual(names(queue.push(job('a3'), 10)), ['overdue']);
    assert.deepEqual(names(queue.push(job('b1', { camera: 'cam2' }), 10)), ['a3']);
  });

  it('refuses a frame larger than all it may hold', () => {
    const queue = new FrameQueue<Job>({ maxFrames: 3, maxBytes: 5 });
    assert.deepEqual(names(queue.push(job('too-big'), 0)), ['too-big']);
    assert.deepEqual([queue.held, queue.bytes], [0, 0]);
  });

  it('hands over everything of a recipe nobody can inspect', () => {
    const queue = new FrameQueue<Job>({ maxFrames: 9, maxBytes: 10_000 });
    queue.push(job('1'), 0);
    queue.push(job('2', { camera: 'cam2' }), 0);
    assert.deepEqual(names(queue.clear('chip')), ['1', '2']);
    assert.equal(queue.held, 0);
  });
});
