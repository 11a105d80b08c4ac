import { mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import sharp from 'sharp';
import { resolveFreeze } from '#model/backbones/freeze';
import { chooseBackend } from '#model/backend/choose';
import { inParallel } from '#model/dataset/in-parallel';
import { initHead } from '#model/head';
import { mapSizeOf } from '#model/network';
import { LITE0_WEIGHTS } from '#model/weights/record';
import { loadWeights } from '#model/weights/store';
import { Crew } from '../../apps/trainer/src/fit/crew.js';
import { MAX_PIXELS } from '../../apps/trainer/src/limits.js';
import { Plan } from '../../apps/trainer/src/plan/plan.js';
import { preprocessOf } from '../../apps/trainer/src/plan/preprocess-of.js';
import { settle } from '../../apps/trainer/src/plan/settle.js';
import { prepareDataset, readNames } from '../../apps/trainer/src/steps/dataset.js';
import { computeFeatures } from '../../apps/trainer/src/steps/features.js';
import { fit } from '../../apps/trainer/src/steps/fit.js';
import { phasesOf } from '../../apps/trainer/src/steps/phase.js';
import { TrainLog } from '../../apps/trainer/src/train-log.js';

// Many pictures through data set, features at the default cut and one epoch of the head, then once more from the cache;
// prints what each took and the most memory the process ever held. The memory does not depend on the pictures' size.
// node dist/test/bench/many-pictures.js --count 50000 --size 64

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '50000' },
    size: { type: 'string', default: '64' },
    dir: { type: 'string', default: join(tmpdir(), `lineside-many-${process.pid}`) },
  },
});
const [count, size] = [Number(values.count), Number(values.size)];
const started = performance.now();
const say = (what: string) => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const peakMiB = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  console.log(`${seconds.padStart(8)} s  peak ${peakMiB.padStart(5)} MiB  ${what}`);
};
const log = new TrainLog([
  (event) => {
    if (event.event === 'step') say(`${event.step}: ${event.text}`);
    if (event.event === 'epoch') say(`epoch ${event.epoch}: loss ${event.loss.toFixed(3)}`);
  },
]);

const data = join(values.dir, 'data');
const cacheDir = join(values.dir, 'cache');
try {
  await mkdir(cacheDir, { recursive: true });
  await makePictures();
  say(`${count} pictures of ${size} x ${size} pixels drawn`);
  for (const round of ['first run', 'second run']) {
    await runOnce();
    say(`${round} ended`);
  }
} finally {
  await rm(values.dir, { recursive: true, force: true });
}

/** Noise of three values per picture, no two alike; every fourth is a defect: a dark spot. */
async function makePictures(): Promise<void> {
  for (const label of ['good', 'defect']) await mkdir(join(data, label), { recursive: true });
  await inParallel(
    Array.from({ length: count }, (_, i) => i),
    async (i) => {
      const random = xoroshiro128plus(i + 1);
      const pixels = new Uint8Array(3 * size * size);
      for (let at = 0; at < pixels.length; at++) pixels[at] = uniformInt(random, 100, 160);
      const isDefect = i % 4 === 0;
      if (isDefect) pixels.fill(0, 0, 3 * size * 4);
      const jpeg = await sharp(pixels, { raw: { width: size, height: size, channels: 3 } })
        .jpeg()
        .toBuffer();
      await writeFile(join(data, isDefect ? 'defect' : 'good', `${i}.jpg`), jpeg);
    },
  );
}

async function runOnce(): Promise<void> {
  const known = LITE0_WEIGHTS;
  const asked = Plan.parse({ resize: { width: size, height: size }, features: { epochs: 1 }, fineTune: { epochs: 1 } });
  const backend = await chooseBackend(asked.backend);
  const named = await readNames({ ...asked, data });
  const prepared = await prepareDataset({ ...asked, named, cacheDir, maxPixels: MAX_PIXELS }, log);
  const { split, dataset } = prepared;
  const plan = settle(asked, split.train.length);
  const weights = await loadWeights(known);
  const preprocess = preprocessOf(plan, known.backbone);
  const { cut } = resolveFreeze(known.backbone.openFrom, known.backbone);
  const features = await computeFeatures(
    { train: split.train, validation: split.val },
    { known, weights, preprocess, cut, plan, epochs: 2, labels: dataset.labels, cacheDir, maxPixels: MAX_PIXELS },
    log,
  );
  const head = { ...plan.head, labels: dataset.labels.length };
  const { backbone } = known;
  const task = {
    backend: backend.name,
    backbone,
    head,
    size: preprocess.resize,
    cut: 'embedding',
    frozen: [],
  } as const;
  const start = initHead(head, backbone.featureSize, xoroshiro128plus(plan.seed));
  const crew = await Crew.start(
    { ...task, features: features.layout, focalGamma: plan.focalGamma },
    { workers: 1, start },
  );
  const phase = phasesOf(plan).features;
  const map = mapSizeOf({ backbone, size: preprocess.resize, cut: 'embedding' });
  const { validation } = await fit(crew, features, { ...plan, phase, head, backbone, map }).finally(() => crew.stop());
  say(`one epoch of the head: validation AUROC ${validation.auroc.toFixed(4)}`);
  await features.close();
}
