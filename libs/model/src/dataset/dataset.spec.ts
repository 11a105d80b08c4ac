import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { makeDataDir } from '../../../../test/factories/labelled-pictures.js';
import { readDataset } from './dataset.js';
import { groupOf } from './sample.js';

const HEADER = 'path,label,split,group';
const csv = (...rows: string[]): Record<string, string> => ({ 'split.csv': `${rows.join('\n')}\n` });

describe('reading a data set', () => {
  it('takes folders as classes, good first and the rest by name, samples by path', async () => {
    const dir = await makeDataDir(['scratch/1.png', 'good/2.png', 'good/deep/1.png', 'crack/1.png']);
    const { labels, samples } = await readDataset({ dir });
    assert.deepEqual(labels, ['good', 'crack', 'scratch']);
    assert.deepEqual(
      samples.map(({ path, label, split }) => [path, label, split]),
      [
        ['crack/1.png', 'crack', null],
        ['good/2.png', 'good', null],
        ['good/deep/1.png', 'good', null],
        ['scratch/1.png', 'scratch', null],
      ],
    );
    assert.equal(samples[0]?.file, join(dir, 'crack/1.png'));
  });

  it('takes train, val and test folders as sides, with classes inside', async () => {
    const dir = await makeDataDir(['train/good/1.png', 'train/crack/a/2.png', 'valid/good/3.png', 'Test/crack/4.png']);
    const { labels, samples } = await readDataset({ dir });
    assert.deepEqual(labels, ['good', 'crack']);
    assert.deepEqual(
      samples.map(({ path, label, split }) => [path, label, split]),
      [
        ['Test/crack/4.png', 'crack', 'test'],
        ['train/crack/a/2.png', 'crack', 'train'],
        ['train/good/1.png', 'good', 'train'],
        ['valid/good/3.png', 'good', 'val'],
      ],
    );
  });

  it('takes test alone, to be judged, as a side', async () => {
    const dir = await makeDataDir(['test/good/1.png', 'test/crack/2.png']);
    const { labels, samples } = await readDataset({ dir });
    assert.deepEqual(
      [labels, samples.map(({ split }) => split)],
      [
        ['good', 'crack'],
        ['test', 'test'],
      ],
    );
  });

  it('leaves the masks alone that lie beside the sides of MVTec and its like', async () => {
    const dir = await makeDataDir([
      'train/good/1.png',
      'test/good/2.png',
      'test/crack/3.png',
      'ground_truth/crack/3.png',
    ]);
    assert.deepEqual(
      (await readDataset({ dir })).samples.map(({ path }) => path),
      ['test/crack/3.png', 'test/good/2.png', 'train/good/1.png'],
    );
  });

  it('follows links to class folders, folders inside and pictures', async () => {
    const store = await makeDataDir(['parts/1.png', 'parts/deep/2.png', 'more/3.png', '4.png']);
    const dir = await makeDataDir(['crack/1.png']);
    symlinkSync(join(store, 'parts'), join(dir, 'good'));
    symlinkSync(join(store, 'more'), join(dir, 'crack/more'));
    symlinkSync(join(store, '4.png'), join(dir, 'crack/4.png'));
    const { samples } = await readDataset({ dir });
    assert.deepEqual(
      samples.map(({ path }) => path),
      ['crack/1.png', 'crack/4.png', 'crack/more/3.png', 'good/1.png', 'good/deep/2.png'],
    );
  });

  it('takes label, split, group, lot and part from a CSV and leaves other columns alone', async () => {
    const dir = await makeDataDir(
      ['a/1.png', 'a/2.png'],
      csv(
        'path,label,split,class,group,lot,part,x',
        'a/1.png,defect,test,pitting,g1,L1,p1,4',
        './a/2.png,good,training,clean,,,,5',
      ),
    );
    const { samples, labels } = await readDataset({ dir });
    assert.deepEqual(labels, ['good', 'defect']);
    const [defect, good] = samples;
    assert.deepEqual(
      [defect?.label, defect?.split, defect?.group, defect?.lot, defect?.part],
      ['defect', 'test', 'g1', 'L1', 'p1'],
    );
    assert.deepEqual([good?.path, good?.split, good?.group, good?.lot], ['a/2.png', 'train', null, null]);
  });

  it('groups by the day of a time column, by several columns joined, and keeps a stratum', async () => {
    const dir = await makeDataDir(
      ['1.png', '2.png', '3.png'],
      csv(
        'path,label,lot,camera,capturedAt',
        '1.png,good,A,left,2026-03-01T23:59:00+09:00',
        '2.png,defect,A,right,1772409600',
        '3.png,defect,B,left,1772409600000',
      ),
    );
    const groupsBy = async (groupColumn: string) =>
      (await readDataset({ dir, groupColumn, stratifyColumn: 'camera' })).samples.map(({ group }) => group);
    assert.deepEqual(await groupsBy('day'), ['2026-03-01', '2026-03-02', '2026-03-02']);
    assert.deepEqual(await groupsBy('lot+day'), ['A+2026-03-01', 'A+2026-03-02', 'B+2026-03-02']);
    const { samples } = await readDataset({ dir, stratifyColumn: 'camera' });
    assert.deepEqual(
      samples.map(({ stratum, day }) => [stratum, day]),
      [
        ['left', '2026-03-01'],
        ['right', '2026-03-02'],
        ['left', '2026-03-02'],
      ],
    );
  });

  it('refuses columns that are not there, days that cannot be read, and columns of folders: CSV_INVALID', async () => {
    const rows = csv('path,label,ts', '1.png,good,2026-03-01', '2.png,defect,yesterday');
    const dir = await makeDataDir(['1.png', '2.png'], rows);
    const folders = await makeDataDir(['good/1.png', 'crack/1.png']);
    const days = csv('path,label,date', '1.png,good,01.03.2026', '2.png,defect,02.03.2026');
    const turned = await makeDataDir(['1.png', '2.png'], days);
    for (const [options, message] of [
      [{ dir, groupColumn: 'day' }, /line 3: no day can be read, ts is "yesterday" \(expected 2026-03-01/],
      [
        { dir: turned, groupColumn: 'day' },
        /line 2: .* date is "01\.03\.2026" \(expected 2026-03-01, or seconds since 1970\), line 3: .*"02\.03\.2026"\./,
      ],
      [{ dir, groupColumn: 'lot+day' }, /column lot is not there/],
      [{ dir, stratifyColumn: 'camera' }, /column camera is not there/],
      [{ dir: folders, groupColumn: 'lot' }, /folders per class and no CSV/],
    ] as const) {
      await assert.rejects(readDataset(options), { name: 'InputError', code: 'CSV_INVALID', message });
    }
  });

  it('leaves out the empty rows that a spreadsheet saves behind the last one', async () => {
    const rows = csv('path,label,lot', '1.png,good,A', '2.png,defect,B', ',,', ' , ,');
    const dir = await makeDataDir(['1.png', '2.png'], rows);
    assert.equal((await readDataset({ dir })).samples.length, 2);
  });

  it('takes the CSV itself as the data', async () => {
    const dir = await makeDataDir(['1.png', '2.png'], {
      'lot.csv': '\ufeffpath,label\n1.png,good\n2.png,defect\n',
      'sides.csv': 'path,label,split\n1.png,good,train\n2.png,defect,val\n',
    });
    const sidesOf = async (split?: string) =>
      (await readDataset({ dir: join(dir, 'lot.csv'), split })).samples.map((sample) => sample.split);
    assert.deepEqual(await sidesOf(), [null, null]);
    assert.deepEqual(await sidesOf(join(dir, 'sides.csv')), ['train', 'val'], 'unless a split is named');
  });

  it('takes a CSV as spreadsheets save it: other delimiters, line ends, capitals in the header, UTF-16, backslashes', async () => {
    const rows = [
      'Path,LABEL,Split,Lot,Date',
      'a\\Prüf 1.JPG,good,Train,L1,2026-03-01',
      'a\\2.JPG,defect,TEST,L2,2026-03-02',
    ];
    const comma = `${rows.join('\r\n')}\r\n`;
    const tabs = `\ufeff${comma.replaceAll(',', '\t')}`;
    const dir = await makeDataDir(['a/Prüf 1.JPG', 'a/2.JPG'], {
      'comma.csv': comma,
      'semicolon.csv': `\ufeff${comma.replaceAll(',', ';')}`,
      'tab.csv': tabs,
    });
    writeFileSync(join(dir, 'utf16.csv'), Buffer.from(tabs, 'utf16le'));
    for (const name of ['comma.csv', 'semicolon.csv', 'tab.csv', 'utf16.csv']) {
      const { samples } = await readDataset({ dir, split: join(dir, name), groupColumn: 'Lot' });
      assert.deepEqual(
        samples.map(({ path, label, split, group, day }) => [path, label, split, group, day]),
        [
          ['a/2.JPG', 'defect', 'test', 'L2', '2026-03-02'],
          ['a/Prüf 1.JPG', 'good', 'train', 'L1', '2026-03-01'],
        ],
        name,
      );
    }
  });

  it('refuses a CSV of which letters cannot be read, or that has a column twice: CSV_INVALID', async () => {
    const dir = await makeDataDir(['Prüf.png', '2.png'], {
      'twice.csv': 'path,label,split,Split\n2.png,good,train,test\n',
    });
    writeFileSync(join(dir, 'latin1.csv'), Buffer.from('path,label\nPrüf.png,good\n2.png,defect\n', 'latin1'));
    for (const [name, message] of [
      ['latin1.csv', /its text is not UTF-8, save it as CSV UTF-8\./],
      ['twice.csv', /column split is there twice/],
    ] as const) {
      await assert.rejects(readDataset({ dir, split: join(dir, name) }), { code: 'CSV_INVALID', message });
    }
  });

  it('calls the good class good whatever its folder is called', async () => {
    const dir = await makeDataDir(['ok/1.png', 'fine/1.png', 'ng/1.png']);
    const { labels, samples } = await readDataset({ dir, good: ['ok', 'fine'] });
    assert.deepEqual(labels, ['good', 'ng']);
    assert.equal(samples.filter(({ label }) => label === 'good').length, 2);
    const spelt = await makeDataDir(['good/1.png', 'Good/1.png', 'ng/1.png']);
    assert.deepEqual((await readDataset({ dir: spelt, good: ['good', 'Good'] })).labels, ['good', 'ng']);
  });

  it('ignores what operating systems leave behind', async () => {
    const dir = await makeDataDir(['good/1.png', 'defect/1.png'], {
      'good/.DS_Store': 'x',
      'good/Thumbs.db': 'x',
      'good/ehthumbs.db': 'x',
      'defect/Desktop.ini': 'x',
      '__MACOSX/good/._1.png': 'x',
      '.git/HEAD': 'x',
      'README.md': 'x',
    });
    assert.equal((await readDataset({ dir })).samples.length, 2);
  });

  it('keeps together what shares a group, else a lot, else a part; the picture alone otherwise', async () => {
    const rows = [
      'path,label,group,lot,part',
      '1.png,good,g,l,p',
      '2.png,good,,l,p',
      '3.png,good,,,p',
      '4.png,defect,,,',
    ];
    const dir = await makeDataDir(['1.png', '2.png', '3.png', '4.png'], csv(...rows));
    const { samples } = await readDataset({ dir });
    assert.deepEqual(samples.map(groupOf), ['group g', 'lot l', 'part p', 'picture 4.png']);
  });
});

describe('good pictures alone', () => {
  it('are enough for a one-class model, whatever their folder is called, once it is said to be good', async () => {
    const dir = await makeDataDir(['ok/1.png', 'ok/2.png']);
    const { labels } = await readDataset({ dir, isOneClass: true, good: ['ok'] });
    assert.deepEqual(labels, ['good']);
    await assert.rejects(readDataset({ dir, isOneClass: true }), { code: 'LABEL_UNKNOWN', message: /--good ok\.$/ });
  });
});

describe('bad data', () => {
  const pictures = ['good/1.png', 'good/2.png', 'defect/1.png', 'defect/2.png'];
  const cases: {
    name: string;
    code: string;
    says: RegExp;
    paths?: string[];
    texts?: Record<string, string>;
    good?: string[];
  }[] = [
    { name: 'no folders', code: 'DATA_EMPTY', says: /no class folders/, paths: [] },
    {
      name: 'an empty class folder',
      code: 'DATA_EMPTY',
      says: /defect/,
      paths: ['good/1.png'],
      texts: { 'defect/.keep': '' },
    },
    {
      name: 'folders beside the sides of a split, but for the masks of MVTec',
      code: 'DATA_LAYOUT',
      says: /holds masks beside the sides/,
      paths: ['train/good/1.png', 'test/good/2.png', 'test/crack/3.png', 'masks/3.png', 'ground_truth/crack/3.png'],
    },
    {
      name: 'a class that is truly called like a side',
      code: 'DATA_LAYOUT',
      says: /holds good beside the sides.*rename a folder that is a class all the same/,
      paths: ['good/1.png', 'train/2.png'],
    },
    {
      name: 'masks among the pictures of a class',
      code: 'DATA_LAYOUT',
      says: /looks like masks .*: crack\/3_mask\.png\. They would be learnt as pictures/,
      paths: ['good/1.png', 'good/2.png', 'crack/3.png', 'crack/3_mask.png'],
    },
    {
      name: 'pictures beside class folders',
      code: 'DATA_LAYOUT',
      says: /holds 2 pictures beside its class folders.*: 7\.PNG, 8\.jpg/,
      paths: ['good/1.png', 'crack/2.png', '7.PNG', '8.jpg'],
    },
    {
      name: 'pictures beside the class folders of a side',
      code: 'DATA_LAYOUT',
      says: /test holds 1 pictures beside its class folders/,
      paths: ['train/good/1.png', 'train/crack/2.png', 'test/good/1.png', 'test/3.png'],
    },
    {
      name: 'pictures beside the sides of a split',
      code: 'DATA_LAYOUT',
      says: /holds 1 pictures beside the sides of a split.*: 3\.png/,
      paths: ['train/good/1.png', 'train/crack/2.png', '3.png'],
    },
    {
      name: 'class folders that differ in capitals',
      code: 'LABEL_ALIKE',
      says: /: "Good" and "good"\./,
      paths: ['train/good/1.png', 'train/crack/2.png', 'test/Good/1.png'],
    },
    {
      name: 'labels that differ in capitals, spaces and encoding',
      code: 'LABEL_ALIKE',
      says: /: "Rayé" and "raye\u0301"\./,
      texts: csv(HEADER, 'good/1.png,good,,', 'defect/1.png,Rayé,,', 'defect/2.png,raye\u0301,,'),
    },
    {
      name: 'a side without classes',
      code: 'DATA_EMPTY',
      says: /test holds no class folders, and 1 picture of which no class is known/,
      paths: ['train/good/1.png', 'train/crack/2.png', 'test/3.png'],
    },
    { name: 'a CSV without rows', code: 'DATA_EMPTY', says: /split\.csv names no picture/, texts: csv(HEADER) },
    { name: 'one class only', code: 'ONE_CLASS', says: /one class only \(good\)/, paths: ['good/1.png'] },
    { name: 'good classes only', code: 'ONE_CLASS', says: /counts as good/, good: ['good', 'defect'] },
    {
      name: 'no good class',
      code: 'LABEL_UNKNOWN',
      says: /called good: found bad, ng\. .* Where all are kinds of defect, add pictures of good parts/,
      paths: ['bad/1.png', 'ng/1.png'],
    },
    {
      name: 'a good class of another name',
      code: 'LABEL_UNKNOWN',
      says: /--good "ok_front", as its name reads\.$/,
      paths: ['ok_front/1.png', 'def_front/1.png'],
    },
    {
      name: 'a CSV that calls its paths otherwise',
      code: 'CSV_INVALID',
      says: /found ImageId, class, mask; call ImageId path, if it is that; call class label, if it is that\)/,
      texts: csv('ImageId,class,mask', 'good/1.png,normal,'),
    },
    {
      name: 'a defect class called good',
      code: 'LABEL_UNKNOWN',
      says: /list both/,
      paths: ['good/1.png', 'ok/1.png'],
      good: ['ok'],
    },
    {
      name: 'a picture named twice',
      code: 'DUPLICATE_PATH',
      says: /1 pictures more than once: good\/1\.png/,
      texts: csv(HEADER, 'good/1.png,good,train,a', './good/1.png,good,train,a', 'defect/1.png,defect,train,b'),
    },
    {
      name: 'a labelled picture that is not there',
      code: 'LABEL_UNKNOWN',
      says: /labels 1 of 2 pictures .*good\/9\.png/,
      texts: csv(HEADER, 'good/9.png,good,train,a', 'defect/1.png,defect,train,b'),
    },
    {
      name: 'a labelled picture outside the directory',
      code: 'LABEL_UNKNOWN',
      says: /\.\.\/1\.png/,
      texts: csv(HEADER, '../1.png,good,train,a', 'defect/1.png,defect,train,b'),
    },
    {
      name: 'a group on two sides',
      code: 'GROUP_OVERLAP',
      says: /1 of 2 groups .*group a \(test\+train\)/,
      texts: csv(HEADER, 'good/1.png,good,train,a', 'good/2.png,good,test,a', 'defect/1.png,defect,train,b'),
    },
    {
      name: 'no label column',
      code: 'CSV_INVALID',
      says: /column label is not there/,
      texts: csv('path,class', 'good/1.png,good'),
    },
    {
      name: 'an unknown split',
      code: 'CSV_INVALID',
      says: /line 2: split "maybe"/,
      texts: csv(HEADER, 'good/1.png,good,maybe,'),
    },
    {
      name: 'an empty label',
      code: 'CSV_INVALID',
      says: /line 2: label is empty/,
      texts: csv(HEADER, 'good/1.png,,train,'),
    },
    { name: 'a row cut short', code: 'CSV_INVALID', says: /line 2/, texts: csv(HEADER, 'good/1.png,good') },
    {
      name: 'a split for some rows only',
      code: 'CSV_INVALID',
      says: /1 of 2 rows have no split/,
      texts: csv(HEADER, 'good/1.png,good,train,a', 'defect/1.png,defect,,b'),
    },
  ];
  for (const { name, code, says, paths = pictures, texts, good } of cases) {
    it(`refuses ${name}: ${code}`, async () => {
      const dir = await makeDataDir(paths, texts);
      await assert.rejects(readDataset({ dir, good }), { name: 'InputError', code, message: says });
    });
  }

  it('refuses links that lead nowhere, naming them: DATA_MISSING', async () => {
    const dir = await makeDataDir(pictures);
    symlinkSync(join(dir, 'unplugged'), join(dir, 'crack'));
    await assert.rejects(readDataset({ dir }), { code: 'DATA_MISSING', message: /lead to nothing.*: crack\./ });
    const inner = await makeDataDir(pictures);
    for (const name of ['8.png', '7.png']) symlinkSync(join(inner, 'unplugged'), join(inner, 'good', name));
    await assert.rejects(readDataset({ dir: inner }), { code: 'DATA_MISSING', message: /good lead.*: 7.png, 8.png\./ });
  });

  it('refuses a link back to a folder it lies in: DATA_LAYOUT', async () => {
    for (const to of ['.', 'good', 'good/deep']) {
      const dir = await makeDataDir(pictures);
      mkdirSync(join(dir, 'good/deep'));
      symlinkSync(join(dir, to), join(dir, 'good/deep/again'));
      await assert.rejects(readDataset({ dir }), { code: 'DATA_LAYOUT', message: /again is a link back to / });
    }
  });

  it('refuses a directory or a split file that is not there: DATA_MISSING', async () => {
    const dir = await makeDataDir(pictures);
    await assert.rejects(readDataset({ dir: join(dir, 'none') }), { code: 'DATA_MISSING', message: /it is not there/ });
    await assert.rejects(readDataset({ dir: join(dir, 'good/1.png') }), {
      code: 'DATA_MISSING',
      message: /it is a file/,
    });
    await assert.rejects(readDataset({ dir, split: join(dir, 'none.csv') }), { code: 'DATA_MISSING' });
  });

  it('accepts pictures of one group on two sides where every picture is said to stand alone', async () => {
    const rows = ['good/1.png,good,train,a', 'good/2.png,good,test,a', 'defect/1.png,defect,train,b'];
    const dir = await makeDataDir(pictures, csv(HEADER, ...rows));
    assert.equal((await readDataset({ dir, groupColumn: 'path' })).samples.length, 3);
    await assert.rejects(readDataset({ dir, groupColumn: 'module' }), {
      code: 'CSV_INVALID',
      message: /column module/,
    });
  });

  it('lists the first ten of many and how many there are', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => `none/${i}.png,good,train,g`);
    const dir = await makeDataDir([], csv(HEADER, ...rows));
    await assert.rejects(readDataset({ dir }), { code: 'LABEL_UNKNOWN', message: /none\/9\.png and 20 more/ });
  });
});
