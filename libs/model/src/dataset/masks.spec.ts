import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { refuseMasks } from './masks.js';

describe('masks and annotations among pictures', () => {
  for (const [name, paths, says] of [
    ['a folder beside the classes', ['good/1.png', 'crack/2.png', 'masks/2.png', 'masks/3.png'], /: masks\/\. /],
    [
      'a folder within a class',
      ['Class1/Train/1.PNG', 'Class1/Train/Label/1_label.PNG'],
      /: Class1\/Train\/Label\/\. /,
    ],
    ['names of boxes in a side', ['train/images/1.jpg', 'train/labels/1.txt'], /: train\/labels\/\. /],
    ['files named after a picture', ['good/10.png', 'good/10_GT.png', 'good/11.png'], /: good\/10_GT\.png\. /],
    [
      'files of one name in two formats',
      ['MT_Free/Imgs/1.jpg', 'MT_Free/Imgs/1.png', 'MT_Free/Imgs/2.jpg', 'MT_Free/Imgs/2.png'],
      /: MT_Free\/Imgs\/1\.jpg = MT_Free\/Imgs\/1\.png, /,
    ],
  ] as const) {
    it(`are refused as ${name}: DATA_LAYOUT`, () => {
      assert.throws(() => refuseMasks(paths, '/data'), { name: 'InputError', code: 'DATA_LAYOUT', message: says });
    });
  }

  it('are not seen in ordinary names', () => {
    refuseMasks(
      [
        'good/1.png',
        'good/label_1.png',
        'good/2.jpg',
        'good/2.png',
        'good/3.jpg',
        'wrong_label/1_label.png',
        'a.b/1.png',
      ],
      '/data',
    );
  });
});
