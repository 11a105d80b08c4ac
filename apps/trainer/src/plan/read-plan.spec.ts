import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { tempDir } from '../../../../test/factories/tools.js';
import { aimOf } from './operating-point.js';
import { Plan } from './plan.js';
import { changeWish, readPlan } from './read-plan.js';

describe('readPlan', () => {
  it('has a default for everything', async () => {
    const plan = await readPlan(undefined);
    assert.deepEqual([plan.preset, plan.fineTune.rate, plan.operatingPoint.escapeCost], ['standard', 3e-4, 10]);
  });

  it('lets settings win over the file and the file over the preset', async () => {
    const file = join(tempDir(), 'plan.yaml');
    await writeFile(file, 'preset: classic\nhead: { dropout: 0.4 }\nfineTune: { epochs: 3 }\n');
    const plan = await readPlan(file, { 'fineTune.epochs': '2', 'head.units': '[64, 32]' });
    assert.deepEqual([plan.head.units, plan.head.dropout], [[64, 32], 0.4]);
    assert.deepEqual([plan.fineTune.epochs, plan.fineTune.rate], [2, 1e-5]);
  });

  it('fills what a section leaves out', async () => {
    const { resize } = await readPlan(undefined, { 'resize.width': '96' });
    assert.deepEqual(resize, { width: 96, height: null, policy: 'squash', kernel: 'linear' });
  });

  it('names every problem at once', async () => {
    await assert.rejects(
      readPlan(undefined, { 'fineTune.rate': '7', colour: 'red', batch: 'many' }),
      (error: Error) => {
        assert.equal((error as unknown as { code: string }).code, 'PLAN_INVALID');
        assert.deepEqual(error.message.split('\n').slice(1, -1), [
          '  `fineTune.rate`: expected at most 0.1, got 7',
          '  `batch`: expected a number, got text',
          '  `colour` is unknown',
        ]);
        return true;
      },
    );
  });

  it('knows no setting by a name that objects have by themselves', async () => {
    for (const key of ['__proto__.seed', 'constructor.seed', 'fineTune.__proto__.epochs'])
      await assert.rejects(readPlan(undefined, { [key]: '1' }), { code: 'PLAN_INVALID', message: /is unknown/ });
  });

  it('refuses a precision that is asked for twice', async () => {
    await assert.rejects(readPlan(undefined, { 'precision.make': '[fp16, fp16]' }), {
      code: 'PLAN_INVALID',
      message: /`precision\.make`: expected each precision once/,
    });
  });

  it('refuses what would change nothing without a word', async () => {
    const refused = (settings: Record<string, string>, message: RegExp) =>
      assert.rejects(readPlan(undefined, settings), { code: 'PLAN_INVALID', message });
    await refused(
      { preset: 'fast', 'augment.brightness': '0.2', 'augment.jpegQuality': '50' },
      /`augment`: augment\.brightness 0\.2, augment\.jpegQuality 50: nothing is drawn.*copies of 2 and more/,
    );
    await refused({ mode: 'one-class', folds: '3' }, /`folds`: expected null with mode one-class/);
    await readPlan(undefined, { preset: 'fast', 'augment.brightness': '0.2', 'augment.copies': '2' });
  });

  it('names every setting whose value is no YAML, and what was given', async () => {
    await assert.rejects(readPlan(undefined, { tiles: '{columns:2,rows:2}' }), {
      code: 'PLAN_INVALID',
      message: /`tiles`: expected a blank behind each colon, as in \{x: 1\}, got \{columns:2,rows:2\}/,
    });
    await assert.rejects(readPlan(undefined, { features: '[1', seed: '7', 'head.units': '{' }), (error: Error) => {
      assert.equal((error as unknown as { code: string }).code, 'PLAN_INVALID');
      const [features, units, ...others] = error.message.split('\n').slice(1, -1);
      assert.match(features ?? '', /^ {2}`features`: expected a value as YAML writes it, got \[1 \(/);
      assert.match(units ?? '', /^ {2}`head\.units`: .* got \{ \(/);
      assert.deepEqual(others, []);
      return true;
    });
  });

  it('takes one wish for the operating point and keeps it when read again', async () => {
    const { operatingPoint } = await readPlan(undefined, { 'operatingPoint.missAtMost': '0.005' });
    const claim = { kind: 'claim', missAtMost: 0.005, confidence: 0.95 };
    assert.deepEqual(aimOf(operatingPoint), { wish: claim, defectRate: null, reviewPerThousand: 20 });
    assert.deepEqual(Plan.parse({ operatingPoint }).operatingPoint, operatingPoint);
    const { operatingPoint: second } = await readPlan(undefined, { 'operatingPoint.rejectAtMost': '0.01' });
    assert.deepEqual(aimOf(second).wish, { kind: 'overkill', rejectAtMost: 0.01 });
    const { operatingPoint: third } = await readPlan(undefined, { 'operatingPoint.escapeCost': '3' });
    assert.deepEqual(aimOf(third).wish, { kind: 'costs', escapeCost: 3, overkillCost: 1 });
  });

  it('refuses two wishes for one threshold', async () => {
    const both = { 'operatingPoint.missAtMost': '0.005', 'operatingPoint.escapeCost': '10' };
    await assert.rejects(readPlan(undefined, both), {
      code: 'PLAN_INVALID',
      message: /`operatingPoint`: expected one wish, got a claim and costs/,
    });
  });

  it('says the wish of a model anew and keeps the rest of its plan', async () => {
    const plan = await readPlan(undefined, { seed: '7', 'operatingPoint.defectRate': '0.01' });
    const claim = changeWish(plan, { 'operatingPoint.missAtMost': '0.1', 'operatingPoint.confidence': '0.9' });
    assert.deepEqual({ ...claim, operatingPoint: null }, { ...plan, operatingPoint: null });
    const wish = { kind: 'claim', missAtMost: 0.1, confidence: 0.9 };
    assert.deepEqual(aimOf(claim.operatingPoint), { wish, defectRate: 0.01, reviewPerThousand: 20 });
    const stricter = changeWish(claim, { 'operatingPoint.missAtMost': '0.05' });
    assert.deepEqual(aimOf(stricter.operatingPoint).wish, { ...wish, missAtMost: 0.05 });
    const costs = changeWish(claim, { 'operatingPoint.escapeCost': '50' });
    assert.deepEqual(aimOf(costs.operatingPoint).wish, { kind: 'costs', escapeCost: 50, overkillCost: 1 });
  });

  it('refuses to change without training what training decides', async () => {
    const plan = await readPlan(undefined);
    const refused = { code: 'PLAN_INVALID', message: /operating point alone, .* got seed: / };
    assert.throws(() => changeWish(plan, { seed: '2', 'operatingPoint.missAtMost': '0.1' }), refused);
    assert.throws(() => changeWish(plan, { 'operatingPoint.missAtMost': '7' }), { code: 'PLAN_INVALID' });
  });

  it('refuses a preset it does not know', async () => {
    await assert.rejects(readPlan(undefined, { preset: 'magic' }), {
      code: 'PLAN_INVALID',
      message: /`preset`: expected one of standard, .*, got "magic"/,
    });
  });

  it('says which file cannot be read', async () => {
    await assert.rejects(readPlan('/nowhere/plan.yaml'), { code: 'PLAN_UNREADABLE', message: /\/nowhere\/plan\.yaml/ });
  });
});
