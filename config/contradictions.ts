import { holdsPassword } from '#contracts';
import { commonProducts } from './products.js';
import type { InspectorConfig } from './schema.js';
import { findTlsMisfit } from './tls.js';

/** A setting that is sound by itself and impossible beside another. */
export interface Contradiction {
  readonly path: (string | number)[];
  readonly message: string;
}

/** Sections that could be read; one that could not is left out and hides nothing in the others. */
export type Sections = Partial<InspectorConfig>;

/** What settings contradict each other, all at once. */
export function findContradictions(sections: Sections): Contradiction[] {
  return CHECKS.flatMap((check) => check(sections));
}

const CHECKS: readonly ((sections: Sections) => Contradiction[])[] = [
  ({ recipes = [] }) =>
    repeated(recipes, ({ name }) => name).map(([i, name]) =>
      at(['recipes', i, 'name'], `recipe ${name} is listed twice`),
    ),

  ({ cameras = [] }) =>
    repeated(cameras, ({ name }) => name).map(([i, name]) =>
      at(['cameras', i, 'name'], `camera ${name} is listed twice`),
    ),

  ({ cameras = [], recipes }) =>
    cameras.flatMap(({ recipe }, i) =>
      recipes === undefined || recipes.some(({ name }) => name === recipe)
        ? []
        : [at(['cameras', i, 'recipe'], `no recipe ${recipe}`)],
    ),

  ({ cameras, recipes = [] }) =>
    recipes.flatMap(({ roi }, i) =>
      Object.keys(roi).flatMap((camera) =>
        isNamed(cameras, camera) ? [] : [at(['recipes', i, 'roi', camera], `no camera ${camera}`)],
      ),
    ),

  // The allowance is taken off the window of cameras whose clock is not believed, as any may be.
  ({ recipes = [], broker }) =>
    recipes.flatMap(({ name, deadlineMs }, i) =>
      broker === undefined || deadlineMs > broker.transportAllowanceMs
        ? []
        : [
            at(
              ['recipes', i, 'deadlineMs'],
              `${deadlineMs} ms are over before a frame of ${name} arrives: broker.transportAllowanceMs takes ${broker.transportAllowanceMs} of them`,
            ),
          ],
    ),

  ({ parts, broker }) =>
    parts === undefined || parts === null || broker === undefined || parts.windowMs > broker.transportAllowanceMs
      ? []
      : [
          at(
            ['parts', 'windowMs'],
            `${parts.windowMs} ms are over before a part's first view arrives: broker.transportAllowanceMs takes ${broker.transportAllowanceMs} of them`,
          ),
        ],

  ({ parts }) =>
    repeated(parts?.views ?? [], ({ view }) => view).map(([i, view]) =>
      at(['parts', 'views', i], `view ${view} is listed twice`),
    ),

  ({ parts, cameras }) =>
    (parts?.views ?? []).flatMap(({ camera }, i) =>
      isNamed(cameras, camera) ? [] : [at(['parts', 'views', i], `no camera ${camera}`)],
    ),

  // Parts would never pass (RECIPES_DIFFER).
  ({ parts, cameras = [], recipes = [] }) => {
    const seeing = new Set(parts?.views.map(({ camera }) => camera));
    const wanted = new Set(cameras.flatMap(({ name, recipe }) => (seeing.has(name) ? [recipe] : [])));
    const judging = recipes.filter(({ name }) => wanted.has(name));
    const names = judging.map(({ name }) => name).join(', ');
    return judging.length === 0 || commonProducts(judging).length > 0
      ? []
      : [
          at(
            ['parts', 'views'],
            `their cameras inspect by ${names}, and no product has all of these: name the same one in recipes[].products`,
          ),
        ];
  },

  ({ inspector, registry }) =>
    inspector !== undefined && inspector.mode !== 'shadow' && (registry?.challenger ?? null) !== null
      ? [at(['registry', 'challenger'], 'a challenger inspects in mode shadow only; to let it decide, promote it')]
      : [],

  ({ broker }) =>
    broker?.share === 'frames' && (broker.url === 'embedded' || broker.protocol !== '5')
      ? [at(['broker', 'share'], 'shared subscriptions need MQTT 5 and a broker of its own')]
      : [],

  ({ broker }) =>
    holdsPassword(broker?.url ?? '')
      ? [
          at(
            ['broker', 'url'],
            'holds a password: it belongs into LINESIDE_BROKER_PASSWORD, the user into broker.username',
          ),
        ]
      : [],

  ({ broker }) => {
    const misfit = broker === undefined ? null : findTlsMisfit(broker);
    return misfit === null ? [] : [at(['broker', misfit.setting], misfit.message)];
  },

  ({ plant }) => {
    if (plant === undefined) return [];
    const { type, url } = plant;
    if (type === 'better-sqlite3') {
      return url === null
        ? []
        : [at(['plant', 'url'], 'belongs to plant.type postgres; SQLite lies in inspector.dataDir')];
    }
    if (url === null || !URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
      return [at(['plant', 'url'], 'plant.type postgres needs postgres://user@host:port/database')];
    }
    return holdsPassword(url)
      ? [at(['plant', 'url'], 'holds a password: it belongs into LINESIDE_PLANT_PASSWORD')]
      : [];
  },

  ({ queue }) =>
    queue !== undefined && queue.maxFrameBytes > queue.maxBytes
      ? [at(['queue', 'maxFrameBytes'], `a frame of ${queue.maxFrameBytes} bytes never fits queue.maxBytes`)]
      : [],
];

function at(path: (string | number)[], message: string): Contradiction {
  return { path, message };
}

/** Each place that says again what an earlier one said. */
function repeated<T>(list: readonly T[], nameOf: (item: T) => string): [index: number, name: string][] {
  const names = list.map(nameOf);
  return names.flatMap((name, i) => (names.indexOf(name) < i ? [[i, name] as [number, string]] : []));
}

/** True also where the cameras could not be read: one problem is said once. */
function isNamed(cameras: Sections['cameras'], name: string): boolean {
  return cameras === undefined || cameras.some((camera) => camera.name === name);
}
