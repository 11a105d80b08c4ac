import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OUTPUT_LAYER } from '#model/head';
import { TrainLog } from '../train-log.js';
import { calibrate } from './calibrate.js';

const kernel = `${OUTPUT_LAYER}/kernel`;
const weights = new Map([[kernel, { shape: [1, 2], data: Float32Array.of(-2, 2) }]]);
/** Every score is surer than it should be: of ten such pictures, seven are what it says. */
const heldOut = Array.from({ length: 400 }, (_, i) => ({
  probabilities: i % 2 === 0 ? [0.95, 0.05] : [0.05, 0.95],
  label: i % 10 < 7 ? i % 2 : 1 - (i % 2),
}));

/** What the log hears. */
function run(own: Partial<Parameters<typeof calibrate>[0]> = {}) {
  const said: string[] = [];
  const log = new TrainLog([(event) => event.event === 'step' && said.push(event.text)]);
  return { ...calibrate({ weights, heldOut, plan: { calibrate: true }, ...own }, log), said };
}

describe('calibrating a trained network', () => {
  it('divides its output layer by the temperature that validation tells', () => {
    const { weights: folded, calibration, said } = run();
    const temperature = calibration?.temperature ?? Number.NaN;
    assert.ok(temperature > 2 && calibration?.reason === null);
    assert.deepEqual(folded.get(kernel)?.data, Float32Array.of(-2 / temperature, 2 / temperature));
    assert.match(said.join(), /^temperature \d\.\d\d: validation loss \d\.\d+ -> 0\.\d+$/);
  });

  it('leaves the weights where nothing tells it, and says why', () => {
    const { weights: same, calibration, said } = run({ heldOut: [] });
    assert.equal(same, weights);
    assert.equal(calibration?.temperature, 1);
    assert.deepEqual(said, ['scores stay as they are: no held-out pictures']);
  });

  it('does nothing where the plan does not ask for it', () => {
    assert.deepEqual(run({ plan: { calibrate: false } }), { weights, calibration: null, said: [] });
  });
});
