import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CameraFigures } from './camera-figures.js';
import { Counters } from './counters.js';

describe('the metrics', () => {
  it('are counted by label and printed for Prometheus', async () => {
    const counters = new Counters();
    counters.count('verdicts', { camera: 'cam1', verdict: 'PASS', reason: 'MODEL' });
    counters.count('frames_missing', { camera: 'cam1' }, 3);
    counters.observeLatency('cam1', 30);
    counters.observeStations({ accept: 0.7, queue: 3, decode: 4, infer: 6, record: 2 });
    const text = await counters.print();
    assert.match(text, /lineside_verdicts_total\{camera="cam1",verdict="PASS",reason="MODEL"\} 1/);
    assert.match(text, /lineside_frames_missing_total\{camera="cam1"\} 3/);
    assert.match(text, /lineside_latency_seconds_bucket\{le="0.03",camera="cam1"\} 1/);
    assert.match(text, /lineside_station_seconds_bucket\{le="0.001",station="accept"\} 1/);
    assert.match(text, /lineside_station_seconds_sum\{station="infer"\} 0.006/);
  });

  it('of each camera stand at 0 before anything happens, so that the first loss is a rise', async () => {
    const counters = new Counters();
    counters.begin(['cam1', 'cam2']);
    counters.count('internal_errors', { camera: 'cam2' });
    const text = await counters.print();
    for (const name of ['frames_accepted', 'frames_missing', 'verdicts_late', 'internal_errors'])
      assert.match(text, new RegExp(`^lineside_${name}_total\\{camera="cam1"\\} 0$`, 'm'));
    assert.match(text, /lineside_internal_errors_total\{camera="cam2"\} 1/);
    assert.doesNotMatch(text, /challenges_total\{/);
  });

  it('read what others hold when they are asked for', async () => {
    const counters = new Counters();
    let held = 3;
    counters.watch({
      frames_open: () => 0,
      queue_frames: () => held,
      queue_bytes: () => 0,
      cameras_ready: () => 0,
      broker_connected: () => 0,
      plant_behind_rows: () => 0,
      board_ignored: () => 0,
    });
    assert.match(await counters.print(), /^lineside_queue_frames 3$/m);
    held = 5;
    assert.match(await counters.print(), /^lineside_queue_frames 5$/m);
  });

  it('of one inspector are not those of another in the same process', async () => {
    const [one, other] = [new Counters(), new Counters()];
    one.count('pictures_kept', {});
    assert.match(await one.print(), /pictures_kept_total 1/);
    assert.match(await other.print(), /pictures_kept_total 0/);
  });
});

describe('the figures of a camera', () => {
  it('know the 99th percentile of the last verdicts only', () => {
    const figures = new CameraFigures();
    assert.equal(figures.p99Ms, null);
    for (let ms = 1; ms <= 100; ms++) figures.close(ms);
    assert.equal(figures.p99Ms, 99);
    for (let i = 0; i < 512; i++) figures.close(7);
    assert.equal(figures.p99Ms, 7);
    assert.equal(figures.closed, 612);
  });
});
