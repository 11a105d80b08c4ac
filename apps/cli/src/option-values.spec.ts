import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { InvalidArgumentError } from '@commander-js/extra-typings';
import { InputError } from '#contracts';
import { tempDir } from '../../../test/factories/tools.js';
import {
  each,
  oneOf,
  parseAmount,
  parseBroker,
  parseCamera,
  parseCount,
  parsePage,
  parsePositive,
  parseSetting,
  parseShare,
  parseStation,
  parseTarget,
  parseTargetFolder,
} from './option-values.js';

describe('values on the command line', () => {
  it('name files that can be written later: no folder, and nothing below a file', () => {
    const dir = tempDir();
    const file = join(dir, 'file');
    writeFileSync(file, '');
    for (const target of [file, join(dir, 'not', 'yet', 'report.json'), 'report.json'])
      assert.equal(parseTarget(target), target);
    for (const target of ['', dir, join(dir, 'new/'), join(file, 'a.json'), join(file, 'a', 'b.json')])
      assert.throws(() => parseTarget(target), InvalidArgumentError, target);
  });

  it('name folders that can be written into later: no file, and nothing below a file', () => {
    const dir = tempDir();
    const file = join(dir, 'file');
    writeFileSync(file, '');
    for (const target of [dir, join(dir, 'not', 'yet/'), 'run']) assert.equal(parseTargetFolder(target), target);
    for (const target of ['', file, join(file, 'a')])
      assert.throws(() => parseTargetFolder(target), InvalidArgumentError, target);
  });

  it('name pages, which are no figures: these go beside them', () => {
    for (const target of ['report.html', 'report', 'a.b.htm']) assert.equal(parsePage(target), target);
    for (const target of ['', 'figures.json', 'F.JSON'])
      assert.throws(() => parsePage(target), InvalidArgumentError, target);
  });

  it('are not repeated where they hold a password', () => {
    assert.throws(
      () => parseBroker('mqtt://insp:s3cret@host:1883'),
      (error) => {
        assert.ok(error instanceof InputError);
        assert.match(error.message, /LINESIDE_BROKER_PASSWORD/);
        assert.doesNotMatch(error.message, /s3cret/);
        return true;
      },
    );
  });

  it('are taken as they are when they are right', () => {
    assert.equal(parsePositive('12.5'), 12.5);
    assert.equal(parseCount('200'), 200);
    assert.equal(parseAmount('0'), 0);
    assert.equal(parseShare('0'), 0);
    assert.equal(parseCamera('cam1'), 'cam1');
    assert.equal(parseStation('a/b/c/d/e'), 'a/b/c/d/e');
    assert.equal(parseBroker('mqtts://host:8883'), 'mqtts://host:8883');
    assert.equal(oneOf(['fp32', 'int8'])('int8'), 'int8');
  });

  it('add up where an option is repeated, and the last value of a key counts', () => {
    const cameras = each(parseCamera);
    assert.deepEqual(cameras('cam2', cameras('cam1')), ['cam1', 'cam2']);
    assert.deepEqual(parseSetting('a.b = 2', parseSetting('a.b=1', { c: 'x=y' })), { c: 'x=y', 'a.b': '2' });
  });

  it('are refused with what was expected', () => {
    const refused: readonly [parse: (text: string) => unknown, expected: RegExp, texts: readonly string[]][] = [
      [parsePositive, /number/, ['0', '-1', 'x', '']],
      [parseCount, /whole number above 0/, ['1.5']],
      [parseAmount, /whole number from 0/, ['-1', '2.5']],
      [parseShare, /0 to 1/, ['1.1', '-0.1']],
      [parseCamera, /./, ['part', 'Cam', 'a/b', '']],
      [parseStation, /./, ['a/b']],
      [parseBroker, /mqtt:\/\/host:port/, ['host:1883', 'http://host', 'mqtt://']],
      [parseSetting, /key=value/, ['epochs', '=3']],
      [oneOf(['fp32', 'int8']), /one of fp32, int8/, ['fp8']],
    ];
    for (const [parse, message, texts] of refused)
      for (const text of texts)
        assert.throws(
          () => parse(text),
          (error) => error instanceof InvalidArgumentError && message.test(error.message),
        );
  });
});
