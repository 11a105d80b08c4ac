import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';
import { tempDir } from '../test/factories/tools.js';
import { loadInspectorConfig, loadSecrets, loadTrainerConfig } from './load.js';
import { InspectorConfig, TrainerConfig } from './schema.js';

describe('configuration', () => {
  it('runs one station on this machine when no file is given', () => {
    const config = loadInspectorConfig();
    assert.deepEqual(
      config.cameras.map(({ name, recipe }) => [name, recipe]),
      [['cam1', 'chip']],
    );
    assert.equal(config.http.host, '127.0.0.1');
    assert.equal(config.inspector.mode, 'production');
    assert.equal(loadTrainerConfig().http.host, '127.0.0.1');
  });

  it('takes whole sections from the file and the rest from the defaults', () => {
    const config = loadInspectorConfig(write('http: { port: 8080 }\nregistry: { dir: elsewhere }'));
    assert.deepEqual(config.http, { host: '127.0.0.1', names: [], port: 8080 });
    assert.deepEqual(config.registry, { dir: 'elsewhere', pollMs: 1_000, challenger: null });
    assert.equal(config.cameras.length, 1);
  });

  it('names every problem at once: unknown keys, wrong values, a recipe nobody defined', () => {
    const file = write('htttp: {}\nqueue: { maxFrames: 0 }\ncameras: [{ name: part, recipe: chip }]');
    assert.throws(() => loadInspectorConfig(file), { name: 'InputError', code: 'CONFIG_INVALID' });
    for (const problem of [
      /`htttp` is unknown/,
      /`queue\.maxFrames`: expected at least 1, got 0/,
      /`cameras\[0\]\.name`: `part`/,
      /inspector\.example\.yaml/,
    ]) {
      assert.throws(() => loadInspectorConfig(file), { message: problem });
    }
    const unknownRecipe = write('cameras: [{ name: cam1, recipe: bolt }]');
    assert.throws(() => loadInspectorConfig(unknownRecipe), { message: /no recipe bolt/ });
  });

  it('names what a section says beside a misspelt key in it', () => {
    const file = write('cameras: [{ name: cam1, recipe: nope, clocksync: true }, { name: cam1, recipe: chip }]');
    const message = messageOf(() => loadInspectorConfig(file));
    for (const problem of [/clocksync/, /no recipe nope/, /camera cam1 is listed twice/])
      assert.match(message, problem);
  });

  it('names what a section says beside a wrong name or number in it', () => {
    const file = write(
      [
        'cameras: [{ name: CAM/1, recipe: nope, frozenAfter: 1 }, { name: cam2, recipe: chip }, { name: cam2, recipe: chip }]',
        'recipes: [{ name: chip, deadlineMs: 7 }, { name: Bolt, roi: { cam9: { x: 0, y: 0, width: 1, height: 1 } } }]',
        'parts: { views: [{ view: Top, camera: CAM/1 }, { view: side, camera: cam7 }], windowMs: 1 }',
      ].join('\n'),
    );
    const message = messageOf(() => loadInspectorConfig(file));
    for (const problem of [
      /`cameras\[0\]\.name`: expected lower case/,
      /`cameras\[0\]\.frozenAfter`: expected at least 2/,
      /`cameras\[0\]\.recipe`: no recipe nope/,
      /camera cam2 is listed twice/,
      /`recipes\[0\]\.deadlineMs`: expected at least 10, got 7/,
      /`recipes\[1\]\.name`: expected lower case/,
      /no camera cam9/,
      /`parts\.views\[0\]\.camera`: expected lower case/,
      /`parts\.windowMs`: expected at least 10, got 1/,
      /`parts\.views\[1\]`: no camera cam7/,
    ])
      assert.match(message, problem);
    assert.doesNotMatch(message, /no camera CAM|no recipe chip/, 'what is there though its name is wrong');
  });

  it('lists what contradicts each other beside what is wrong by itself', () => {
    const file = write(
      [
        'inspector: { station: Acme/North }',
        'cameras: [{ name: cam1, recipe: bolt }, { name: cam1, recipe: chip }]',
        'recipes: [{ name: chip, deadlineMs: 40, roi: { cam9: { x: 0, y: 0, width: 8, height: 8 } } }]',
        'parts: { views: [{ view: top, camera: cam1 }, { view: top, camera: cam8 }], windowMs: 50 }',
        'broker: { url: mqtt://broker, ca: ca.pem }',
        'queue: { maxBytes: 1000, maxFrameBytes: 2000 }',
        'plant: { type: postgres, url: "postgres://lineside:s3cret@db/plant" }',
        'htttp: {}',
      ].join('\n'),
    );
    const problems = messageOf(() => loadInspectorConfig(file))
      .split('\n')
      .slice(1, -1);
    for (const [path, what] of [
      ['`inspector.station`', /lower case/],
      ['`htttp`', /is unknown/],
      ['`cameras[0].recipe`', /no recipe bolt/],
      ['`cameras[1].name`', /cam1 is listed twice/],
      [
        '`recipes[0].deadlineMs`',
        /40 ms are over before a frame of chip arrives: broker.transportAllowanceMs takes 50/,
      ],
      ['`recipes[0].roi.cam9`', /no camera cam9/],
      ['`parts.windowMs`', /50 ms are over before a part's first view arrives/],
      ['`parts.views[1]`', /view top is listed twice/],
      ['`parts.views[1]`', /no camera cam8/],
      ['`broker.url`', /ca means TLS, which takes mqtts/],
      ['`queue.maxFrameBytes`', /never fits/],
      ['`plant.url`', /holds a password: it belongs into LINESIDE_PLANT_PASSWORD/],
    ] as const) {
      assert.ok(
        problems.some((line) => line.startsWith(`  ${path}`) && what.test(line)),
        `${path} ${what} in\n${problems.join('\n')}`,
      );
    }
    assert.equal(problems.length, 12, problems.join('\n'));
    assert.doesNotMatch(problems.join(), /s3cret/);
  });

  it('refuses views by recipes of no common product: no part would pass', () => {
    const views = [
      'cameras: [{ name: cam1, recipe: top }, { name: cam2, recipe: side }, { name: cam3, recipe: chip }]',
      'parts: { views: [{ view: top, camera: cam1 }, { view: side, camera: cam2 }] }',
    ];
    const recipes = (side: string): string =>
      write([...views, `recipes: [{ name: chip }, { name: top, products: [board] }, ${side}]`].join('\n'));
    for (const side of ['{ name: side }', '{ name: side, products: [lid] }'])
      assert.throws(() => loadInspectorConfig(recipes(side)), {
        code: 'CONFIG_INVALID',
        message: /`parts\.views`: their cameras inspect by top, side, and no product has all of these/,
      });
    for (const side of ['{ name: side, products: [lid, board] }', '{ name: side, products: [board] }'])
      assert.equal(loadInspectorConfig(recipes(side)).recipes.length, 3);
  });

  it('refuses names that are no level of a topic: foreign letters, wildcards, slashes, or longer than MQTT could carry', () => {
    const long = 'x'.repeat(129);
    for (const name of ['Cam1', 'kamera-süd', 'cam+', 'cam#', 'a/b', 'cam 1', long]) {
      const text = `cameras: [{ name: "${name}", recipe: chip }]\ninspector: { id: "${name}", station: "a/b/c/d/${name}" }`;
      for (const problem of [
        /`cameras\[0\]\.name`: .*lower case/,
        /`inspector\.id`: .*at most 128/,
        /`inspector\.station`/,
      ])
        assert.throws(() => loadInspectorConfig(write(text)), { code: 'CONFIG_INVALID', message: problem }, name);
    }
  });

  it('refuses a client certificate without its key, and a plant database without an address or with a password in it', () => {
    for (const [text, problem] of [
      ['broker: { url: mqtts://broker, cert: c.pem }', /`broker\.key`: a client certificate takes both/],
      ['plant: { type: postgres }', /`plant\.url`: plant\.type postgres needs postgres:\/\//],
      ['plant: { type: postgres, url: "postgres://me@db/plant?password=s" }', /`plant\.url`: holds a password/],
      ['plant: { url: "postgres://db/plant" }', /`plant\.url`: belongs to plant\.type postgres/],
    ] as const) {
      assert.throws(() => loadInspectorConfig(write(text)), { code: 'CONFIG_INVALID', message: problem });
    }
  });

  it('refuses a password in the broker’s address, whatever is in it, without repeating it', () => {
    for (const address of ['mqtt://insp:s3cret@broker:1883', 'mqtts://insp:s3c/ret@broker', 'mqtt://:s3c@ret@broker']) {
      const message = messageOf(() => loadInspectorConfig(write(`broker: { url: "${address}" }`)));
      assert.match(message, /`broker\.url`: holds a password: it belongs into LINESIDE_BROKER_PASSWORD/);
      assert.doesNotMatch(message, /s3c/);
    }
    for (const address of ['mqtt://insp@broker', 'mqtt://[::1]:1883', 'embedded'])
      assert.equal(loadInspectorConfig(write(`broker: { url: "${address}" }`)).broker.url, address);
  });

  it('says which file cannot be read or is no mapping: CONFIG_UNREADABLE', () => {
    for (const file of [join(tempDir(), 'absent.yaml'), write('- a\n- b'), write('a: [')]) {
      assert.throws(() => loadInspectorConfig(file), { code: 'CONFIG_UNREADABLE', message: new RegExp(file) });
    }
  });

  it('takes secrets from the environment alone', () => {
    assert.deepEqual(loadSecrets({ LINESIDE_BROKER_PASSWORD: 's3cret' }), {
      brokerPassword: 's3cret',
      plantPassword: null,
    });
  });
});

describe('the examples', () => {
  const examples = {
    'inspector.example.yaml': InspectorConfig,
    'trainer.example.yaml': TrainerConfig,
  };

  it('are valid and show the default of every setting that has one', () => {
    const inspector = InspectorConfig.parse(read('inspector.example.yaml'));
    const { cameras, recipes } = inspector;
    assert.deepEqual({ ...loadInspectorConfig(), cameras, recipes }, inspector);
    assert.deepEqual(loadTrainerConfig(), TrainerConfig.parse(read('trainer.example.yaml')));
  });

  for (const [name, schema] of Object.entries(examples)) {
    it(`names every setting: ${name}`, () => {
      const text = readFileSync(fileNear(name), 'utf8');
      const missing = keysOf(z.toJSONSchema(schema, { io: 'input' })).filter(
        (key) => !new RegExp(`^[ -]*${key}:`, 'm').test(text),
      );
      assert.deepEqual(missing, []);
    });
  }
});

function messageOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  throw new Error('expected an error');
}

function read(name: string): unknown {
  return parse(readFileSync(fileNear(name), 'utf8'));
}

function write(text: string): string {
  const file = join(tempDir(), 'config.yaml');
  writeFileSync(file, text);
  return file;
}

/** A file beside this one's source. */
function fileNear(name: string): URL {
  return new URL(`../../config/${name}`, import.meta.url);
}

/** Names of all properties of a schema, at any depth. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const { properties = {}, items } = schema as { properties?: Record<string, unknown>; items?: unknown };
  const own = Object.entries(properties).flatMap(([key, value]) => [key, ...keysOf(value)]);
  return [...own, ...keysOf(items)];
}
