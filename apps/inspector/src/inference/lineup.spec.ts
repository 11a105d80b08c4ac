import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { DependencyError } from '#contracts';
import type { Crew } from './crew.js';
import { Lineup, type LineupNews } from './lineup.js';

/** A crew whose start the test ends. */
class TestCrew {
  readonly trouble = null;
  readonly pids: number[] = [];
  isStopped = false;
  open: () => void = () => undefined;
  fail: (error: Error) => void = () => undefined;
  private readonly opened: Promise<void>;

  constructor(readonly modelId: string) {
    this.opened = new Promise((resolve, reject) => {
      this.open = resolve;
      this.fail = reject;
    });
  }

  start(): Promise<void> {
    return this.opened;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    this.fail(new Error('stopped'));
  }
}

interface Setting {
  /** Promoted model of each recipe; may be changed. */
  readonly active: Record<string, string | null>;
  /** Models that take their time: the test ends their start. The others open at once. */
  readonly slow?: readonly string[];
  /** Models that fail their golden check. */
  readonly bad?: readonly string[];
}

async function startLineup({ active, slow = [], bad = [] }: Setting) {
  const crews: TestCrew[] = [];
  const news: string[] = [];
  const waiting = new Set<() => void>();
  const look = (): void => {
    for (const check of waiting) check();
  };
  const registry: { problem: Error | null } = { problem: null };
  let reads = 0;
  const lineup = new Lineup({
    source: {
      active: async () => {
        reads += 1;
        setImmediate(look);
        if (registry.problem !== null) throw registry.problem;
        return (recipe) => {
          const modelId = active[recipe] ?? null;
          return modelId === null ? null : { recipe, modelId, cardSha256: null, by: 'Ada', at: '', previous: null };
        };
      },
    },
    recipes: Object.keys(active),
    pollMs: 1,
    makeCrew: ({ modelId }) => {
      const crew = new TestCrew(modelId);
      crews.push(crew);
      if (bad.includes(modelId)) crew.fail(new DependencyError('GOLDEN_CHECK', `${modelId} differs`));
      else if (!slow.includes(modelId)) crew.open();
      return crew as Partial<Crew> as Crew;
    },
    onChange: (item) => {
      news.push(tell(item));
      setImmediate(look);
    },
  });
  after(() => lineup.stop());
  const until = (isTrue: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!isTrue()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  /** The registry was read anew, and what followed from it was done. */
  const untilLookedAgain = (): Promise<void> => {
    const enough = reads + 2;
    return until(() => reads > enough);
  };
  await lineup.start();
  return { lineup, registry, active, crews, news, until, untilLookedAgain };
}

function tell(item: LineupNews): string {
  switch (item.event) {
    case 'model-live':
      return `${item.recipe} ${item.modelId} live`;
    case 'model-refused':
      return `${item.recipe} ${item.modelId} ${item.code}`;
    case 'refusal-over':
      return `${item.recipe} over`;
  }
}

describe('which model inspects which recipe', { timeout: 20_000 }, () => {
  it('promise 9: a rollback to the warm model does not wait for another recipe that opens a new one', async () => {
    const { lineup, active, crews, until, untilLookedAgain } = await startLineup({
      active: { r1: 'm1', r2: 'm1' },
      slow: ['m3'],
    });
    active['r2'] = 'm2';
    await until(() => lineup.crewOf('r2')?.modelId === 'm2');
    active['r1'] = 'm3';
    await until(() => crews.at(-1)?.modelId === 'm3');
    active['r2'] = 'm1';
    await until(() => lineup.crewOf('r2')?.modelId === 'm1');
    assert.equal(lineup.crewOf('r1')?.modelId, 'm1');
    await untilLookedAgain();
    assert.deepEqual(
      crews.map(({ modelId }) => modelId),
      ['m1', 'm2', 'm3'],
      'each is opened once',
    );
    crews.at(-1)?.open();
    await until(() => lineup.crewOf('r1')?.modelId === 'm3');
  });

  it('a model that nobody asks for any more is let go while it opens, and never goes live', async () => {
    const { lineup, active, crews, news, until } = await startLineup({ active: { r1: 'm1' }, slow: ['m2'] });
    active['r1'] = 'm2';
    await until(() => crews.length === 2);
    active['r1'] = 'm1';
    await until(() => crews[1]?.isStopped === true);
    active['r1'] = 'm3';
    await until(() => lineup.crewOf('r1')?.modelId === 'm3');
    assert.deepEqual(news, ['r1 m1 live', 'r1 m3 live']);
  });

  it('a model that was asked for again while it was let go is opened anew', async () => {
    const { lineup, active, crews, until } = await startLineup({ active: { r1: 'm1' }, slow: ['m2'] });
    active['r1'] = 'm2';
    await until(() => crews.length === 2);
    active['r1'] = 'm1';
    await until(() => crews[1]?.isStopped === true);
    active['r1'] = 'm2';
    await until(() => crews.length === 3);
    crews[2]?.open();
    await until(() => lineup.crewOf('r1')?.modelId === 'm2');
  });

  it('a registry that cannot be read is told once per recipe, and that it can be read again', async () => {
    const { lineup, registry, news, until, untilLookedAgain } = await startLineup({ active: { r1: 'm1', r2: 'm1' } });
    news.length = 0;
    registry.problem = new DependencyError('REGISTRY_STORAGE', 'stale');
    await until(() => news.length === 2);
    await untilLookedAgain();
    registry.problem = null;
    await until(() => news.length === 4);
    await untilLookedAgain();
    assert.deepEqual(news, ['r1 null REGISTRY_STORAGE', 'r2 null REGISTRY_STORAGE', 'r1 over', 'r2 over']);
    assert.equal(lineup.problemOf('r1'), null);
  });

  it('a registry that names no model any more, put in the place of the one that was moved away: the model goes on, and that is told', async () => {
    const { lineup, active, news, until, untilLookedAgain } = await startLineup({ active: { r1: 'm1', r2: null } });
    news.length = 0;
    active['r1'] = null;
    await until(() => news.length === 1);
    await untilLookedAgain();
    assert.equal(lineup.crewOf('r1')?.modelId, 'm1');
    active['r1'] = 'm1';
    await until(() => news.length === 2);
    assert.deepEqual(news, ['r1 null NO_MODEL', 'r1 over']);
  });

  it('a refused model changes nothing, is told once and not tried again at once; when it is promoted again it is', async () => {
    const { lineup, active, crews, news, until, untilLookedAgain } = await startLineup({
      active: { r1: 'm1', r2: 'm1' },
      bad: ['m4'],
    });
    news.length = 0;
    active['r1'] = 'm4';
    await until(() => news.length === 1);
    active['r2'] = 'm5';
    await until(() => lineup.crewOf('r2')?.modelId === 'm5');
    await untilLookedAgain();
    assert.deepEqual(news, ['r1 m4 GOLDEN_CHECK', 'r2 m5 live']);
    assert.equal(lineup.crewOf('r1')?.modelId, 'm1');
    assert.equal(crews.filter(({ modelId }) => modelId === 'm4').length, 1);
    active['r1'] = 'm1';
    await until(() => news.at(-1) === 'r1 over');
    active['r1'] = 'm4';
    await until(() => news.at(-1) === 'r1 m4 GOLDEN_CHECK');
    assert.equal(crews.filter(({ modelId }) => modelId === 'm4').length, 2);
  });

  it('a recipe without a model says why: none promoted, being opened, refused', async () => {
    const { lineup, active, crews, until } = await startLineup({
      active: { r1: null },
      slow: ['m1', 'GOLDEN_CHECK', 'RUNTIME_MISSING', 'WORKER_STALLED', 'CARD_INVALID'],
    });
    assert.equal(lineup.problemOf('r1')?.reason, 'NO_MODEL');
    active['r1'] = 'm1';
    await until(() => crews.length === 1);
    assert.equal(lineup.problemOf('r1')?.reason, 'STARTING');
    crews[0]?.fail(new DependencyError('MODEL_HASH', 'other bytes'));
    await until(() => lineup.problemOf('r1')?.reason === 'MODEL_HASH');
    for (const [code, reason] of [
      ['GOLDEN_CHECK', 'GOLDEN_CHECK'],
      ['RUNTIME_MISSING', 'RUNTIME'],
      ['WORKER_STALLED', 'WORKERS'],
      ['CARD_INVALID', 'NO_MODEL'],
    ] as const) {
      const opened = crews.length;
      active['r1'] = code;
      await until(() => crews.length > opened);
      crews.at(-1)?.fail(new DependencyError(code, 'not this one'));
      await until(() => lineup.problemOf('r1')?.reason === reason);
    }
    assert.equal(lineup.problemOf('r2')?.reason, 'NO_RECIPE');
  });

  it('stops while a model is being opened', async () => {
    const { lineup, active, crews, news, until } = await startLineup({ active: { r1: 'm1' }, slow: ['m2'] });
    active['r1'] = 'm2';
    await until(() => crews.length === 2);
    await lineup.stop();
    assert.ok(crews.every(({ isStopped }) => isStopped));
    assert.deepEqual(news, ['r1 m1 live']);
  });
});
