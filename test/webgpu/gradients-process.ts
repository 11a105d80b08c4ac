import '@tensorflow/tfjs-backend-cpu';
import { chooseBackend } from '#model/backend/choose';
import { differenceOf, gradientsOn, PARTS } from '../factories/gradients.js';
import { TAILS, tailGradientOn } from '../factories/tail-gradients.js';

// Compares gradients on WebGPU with those of the cpu backend; one line of JSON. The driver is chosen by the environment,
// which a process reads when it starts.
const { device } = await chooseBackend('webgpu-software');
const differences: Record<string, number> = {};

for (const [name, question] of Object.entries(PARTS)) {
  const expected = await gradientsOn('cpu', question);
  const actual = await gradientsOn('webgpu', question);
  differences[name] = Math.max(...expected.map((values, i) => differenceOf(actual[i], values)));
}

for (const item of TAILS.filter(({ name }) => process.argv.includes(name))) {
  const expected = await tailGradientOn('cpu', item);
  const actual = await tailGradientOn('webgpu', item);
  differences[item.name] = Math.max(
    ...expected.parameters
      .filter(({ isOpen }) => isOpen)
      .map(({ offset, length }) => {
        const part = (gradient: Float32Array) => gradient.subarray(offset, offset + length);
        return differenceOf(part(actual.gradient), part(expected.gradient));
      }),
  );
}
console.log(JSON.stringify({ device, differences }));
