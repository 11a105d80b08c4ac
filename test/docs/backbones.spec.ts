import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { describeBackbone } from '#model/backbones/describe';
import { BACKBONES, findBackbone } from '#model/backbones/find';
import { resolveFreeze } from '#model/backbones/freeze';

const text = readFileSync(new URL('../../../docs/backbones.md', import.meta.url), 'utf8');
const grouped = (value: number) => value.toLocaleString('en-US');

describe('docs/backbones.md', () => {
  for (const network of BACKBONES) {
    it(`says of ${network.name} what its table gives`, () => {
      const facts = describeBackbone(network.build());
      const { name, inputSize, blocks, layers, parameters, macs, featureSize, openFrom } = facts;
      const cells = [inputSize, blocks, layers, grouped(parameters), (macs / 1e9).toFixed(2), featureSize];
      const row = `| \`${name}\` | ${cells.join(' | ')} | \`${openFrom}\` |`;
      assert.ok(text.includes(`${row}\n`), `expected the line ${row}`);
    });

    it(`names every variant of ${network.name} with its licence`, () => {
      const family = familyOf(network.name);
      for (const variant of network.variants) {
        const row = text.split('\n').find((line) => line.includes(`\`${variant}\``) && line.includes(`| ${family} |`));
        const { licence } = findBackbone(network.name, variant);
        assert.ok(row?.includes(licence ?? 'not stated'), `${variant} of ${family}: ${licence}`);
      }
    });
  }

  for (const name of ['mobilenet-v2', 'resnet50', 'efficientnet-b0']) {
    it(`says what learns of ${name} at the classic counts`, () => {
      const backbone = findBackbone(name);
      const cells = [50, 100, 150].map((depth) => {
        const { firstOpen, parameters } = resolveFreeze(depth, backbone);
        return `\`${firstOpen}\`, ${grouped(parameters)}`;
      });
      const row = `| \`${name}\` | ${cells.join(' | ')} |`;
      assert.ok(text.includes(`${row}\n`), `expected the line ${row}`);
    });
  }
});

function familyOf(name: string): string {
  if (name.startsWith('efficientnet-lite')) return 'EfficientNet-Lite';
  if (name.startsWith('efficientnet')) return 'EfficientNet-B';
  if (name.startsWith('mobilenet')) return 'MobileNetV2';
  return name.startsWith('resnet') ? 'ResNet' : 'VGG';
}
